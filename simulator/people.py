"""People with phones: what they send, press and receive."""

import asyncio
import io
import itertools
import random
from collections.abc import Sequence
from typing import Any

from PIL import Image

from simulator.world import Chat, Message, World

_shades = itertools.count(1)


def picture(shade: int | None = None, side: int = 400) -> bytes:
    """Make a small JPEG, distinct for each shade."""
    value = next(_shades) if shade is None else shade
    made = Image.new("RGB", (side, side * 3 // 4), (value * 37 % 256, value * 91 % 256, value * 151 % 256))
    made.putpixel((value % side, value // side % 100), (255, 255, 255))
    out = io.BytesIO()
    made.save(out, "JPEG", quality=90)
    return out.getvalue()


class Person:
    """A person and the private chat with the bot."""

    def __init__(self, world: World, user_id: int, name: str, username: str | None = None) -> None:
        self.world = world
        self.id = user_id
        self.name = name
        self.account = world.account(user_id, name, username)
        self._mark = 0
        self._heard: set[int] = set()

    # --- what is on the screen --------------------------------------------------------------

    @property
    def room(self) -> Chat:
        """The private chat with the bot."""
        return self.world.chats[self.id]

    @property
    def chat(self) -> list[Message]:
        """Every message on the screen, in order."""
        return self.room.messages

    @property
    def inbox(self) -> list[Message]:
        """Only what the bot said."""
        return [one for one in self.chat if one["from"]["id"] == self.world.bot["id"]]

    @property
    def last(self) -> Message:
        """The bot's last message."""
        return self.inbox[-1]

    @property
    def popups(self) -> list[str]:
        """What was shown over pressed messages."""
        return self.world.popups.get(self.id, [])

    def last_with(self, label: str) -> Message:
        """Give the last message that has a button with this in its text."""
        for message in reversed(self.inbox):
            if button_of(message, label) is not None:
                return message
        raise AssertionError(f"no message has a button «{label}»\n{self.transcript()}")

    def transcript(self) -> str:
        """Give the chat as text, for a failed expectation."""
        lines = [f"--- chat of {self.name}"]
        for one in self.chat:
            who = "bot" if one["from"]["id"] == self.world.bot["id"] else self.name
            what = one.get("text") or one.get("caption") or "(no text)"
            buttons = [button["text"] for button in buttons_of(one)]
            lines.append(f"{one['message_id']} {who}: {what} {buttons or ''}")
        return "\n".join(lines)

    # --- what they do -----------------------------------------------------------------------

    def _say(self, content: dict[str, Any], reply_to: Message | int | None) -> Message:
        self.account.started = True
        self._mark = self.world.event_number()
        if reply_to is not None:
            number = reply_to if isinstance(reply_to, int) else reply_to["message_id"]
            quoted = self.world.quoted(self.room, number)
            assert quoted is not None, f"no message {number} to reply to"
            content = {**content, "reply_to_message": quoted}
        return self.world.put(self.room, self.account.user, content)

    def _send(self, content: dict[str, Any], reply_to: Message | int | None = None) -> Message:
        message = self._say(content, reply_to)
        self.world.deliver(self.world.make_update("message", message))
        return message

    def sends(self, text: str, reply_to: Message | int | None = None) -> Message:
        """Send a text."""
        entities = []
        if text.startswith("/"):
            length = len(text.split(maxsplit=1)[0])
            entities = [{"type": "bot_command", "offset": 0, "length": length}]
        return self._send({"text": text, **({"entities": entities} if entities else {})}, reply_to)

    def sends_photo(
        self, data: bytes | None = None, caption: str | None = None, reply_to: Message | int | None = None
    ) -> Message:
        """Send one photo."""
        sizes = self.world.files.keep_photo(data or picture())
        return self._send({"photo": sizes, **({"caption": caption} if caption else {})}, reply_to)

    def album(
        self,
        photos: int | Sequence[bytes] = 10,
        caption: str | None = None,
        *,
        caption_on: int = 0,
        reply_to: Message | int | None = None,
    ) -> list[dict[str, Any]]:
        """Put an album on the screen and give its updates, not delivered yet."""
        pictures = [picture() for _ in range(photos)] if isinstance(photos, int) else list(photos)
        album = self.world.album_id()
        updates = []
        for place, data in enumerate(pictures):
            content: dict[str, Any] = {
                "media_group_id": album,
                "photo": self.world.files.keep_photo(data),
            }
            if caption and place == caption_on:
                content["caption"] = caption
            updates.append(self.world.make_update("message", self._say(content, reply_to)))
        return updates

    def sends_album(
        self,
        photos: int | Sequence[bytes] = 10,
        caption: str | None = None,
        *,
        caption_on: int = 0,
        reply_to: Message | int | None = None,
        shuffle_seed: int | None = None,
        duplicate: bool = False,
    ) -> list[dict[str, Any]]:
        """Send an album: one update a picture, in any order, one of them twice if asked."""
        updates = self.album(photos, caption, caption_on=caption_on, reply_to=reply_to)
        if shuffle_seed is not None:
            random.Random(shuffle_seed).shuffle(updates)
        if duplicate:
            updates.insert(len(updates) // 2, updates[0])
        for update in updates:
            self.world.deliver(update)
        return updates

    def sends_document(
        self,
        data: bytes,
        file_name: str,
        mime_type: str = "application/octet-stream",
        caption: str | None = None,
        reply_to: Message | int | None = None,
    ) -> Message:
        """Send a file."""
        kept = self.world.files.keep(data, kind="documents", name=file_name, mime=mime_type)
        document = {
            "file_id": kept.file_id,
            "file_unique_id": kept.unique_id,
            "file_name": file_name,
            "mime_type": mime_type,
            "file_size": kept.size,
        }
        return self._send({"document": document, **({"caption": caption} if caption else {})}, reply_to)

    def sends_sticker(self) -> Message:
        """Send a sticker."""
        kept = self.world.files.keep(b"sticker", kind="stickers", name="sticker.webp")
        sticker = {
            "file_id": kept.file_id,
            "file_unique_id": kept.unique_id,
            "type": "regular",
            "width": 512,
            "height": 512,
            "is_animated": False,
            "is_video": False,
            "emoji": "👍",
        }
        return self._send({"sticker": sticker})

    def sends_voice(self, seconds: int = 5) -> Message:
        """Send a voice message."""
        kept = self.world.files.keep(b"voice", kind="voice", name="voice.oga")
        voice = {"file_id": kept.file_id, "file_unique_id": kept.unique_id, "duration": seconds}
        return self._send({"voice": voice})

    def sends_location(self) -> Message:
        """Send a place."""
        return self._send({"location": {"latitude": 56.3, "longitude": 44.0}})

    def sends_contact(self) -> Message:
        """Send a contact."""
        return self._send({"contact": {"phone_number": "+70000000000", "first_name": "Контакт"}})

    def forwards(self, text: str, *, named: bool = True) -> Message:
        """Forward a post of somebody else; without their name it cannot be parsed by a strict client."""
        origin = {
            "type": "hidden_user",
            **({"sender_user_name": "Кто-то"} if named else {}),
            "date": int(self.world.clock.now().timestamp()),
        }
        return self._send({"text": text, "forward_origin": origin})

    def edits(self, message: Message, text: str) -> None:
        """Edit an own message."""
        self._mark = self.world.event_number()
        message["text" if "text" in message else "caption"] = text
        message["edit_date"] = int(self.world.clock.now().timestamp())
        self.world.show(self.room, message)
        self.world.deliver(self.world.make_update("edited_message", message))

    def presses(self, message: Message, label: str = "", *, data: str | None = None) -> str:
        """Press a button by a part of its text, or by its data (also one that is gone)."""
        if data is None:
            button = button_of(message, label)
            assert button is not None, f"no button «{label}»\n{self.transcript()}"
            data = str(button["callback_data"])
        self._mark = self.world.event_number()
        return self.world.press(self.id, message, data)

    def blocks(self) -> None:
        """Block the bot."""
        self.world.membership(self.id, blocked=True)

    def unblocks(self) -> None:
        """Let the bot in again."""
        self.account.started = True
        self.world.membership(self.id, blocked=False)

    def starts(self) -> None:
        """Have opened the bot before, without anything to say."""
        self.account.started = True

    def deactivates(self) -> None:
        """Delete the account."""
        self.account.deactivated = True

    # --- what they wait for -----------------------------------------------------------------

    async def receives(
        self,
        text: str = "",
        *,
        button: str | None = None,
        timeout: float = 10.0,  # noqa: ASYNC109 - a story's patience
    ) -> Message:
        """Wait for a new or edited message of the bot, said after the last own act, with this in it."""
        loop = asyncio.get_running_loop()
        until = loop.time() + timeout
        while True:
            found = self._find(text, button)
            if found is not None:
                return found
            left = until - loop.time()
            if left <= 0:
                wanted = f"«{text}»" + (f" with a button «{button}»" if button else "")
                raise AssertionError(f"{self.name} never received {wanted}\n{self.transcript()}")
            await self.world.change(left)

    def _find(self, text: str, button: str | None) -> Message | None:
        for number, message in self.room.events:
            if number < self._mark or number in self._heard:
                continue
            if message["from"]["id"] != self.world.bot["id"]:
                continue
            said = message.get("text") or message.get("caption") or ""
            if text in said and (button is None or button_of(message, button) is not None):
                self._heard.add(number)
                return message
        return None


class Group:
    """A group with the bot in it, in privacy mode: it hears commands only."""

    def __init__(self, world: World, chat_id: int, title: str) -> None:
        self.world = world
        self.room = Chat({"id": chat_id, "type": "group", "title": title})
        world.chats[chat_id] = self.room

    def says(self, person: Person, text: str) -> Message:
        """Let a member say something; commands reach the bot."""
        message = self.world.put(self.room, person.account.user, {"text": text})
        if text.startswith("/"):
            length = len(text.split(maxsplit=1)[0])
            message["entities"] = [{"type": "bot_command", "offset": 0, "length": length}]
            self.world.deliver(self.world.make_update("message", message))
        return message

    @property
    def inbox(self) -> list[Message]:
        """Only what the bot said."""
        return [one for one in self.room.messages if one["from"]["id"] == self.world.bot["id"]]


def buttons_of(message: Message) -> list[dict[str, Any]]:
    """List the inline buttons of a message."""
    rows = (message.get("reply_markup") or {}).get("inline_keyboard") or []
    return [button for row in rows for button in row]


def button_of(message: Message, label: str) -> dict[str, Any] | None:
    """Find a button by a part of its text."""
    return next((button for button in buttons_of(message) if label in button["text"]), None)
