"""A phone's screen: what is on it, and what its owner waits for."""

import asyncio
from typing import Any

from simulator.contents import file_of
from simulator.world import Chat, Message, World


class Screen:
    """The private chat of a person with the bot, as they see it."""

    def __init__(self, world: World, user_id: int, name: str) -> None:
        self.world = world
        self.id = user_id
        self.name = name
        self._mark = 0
        self._heard: set[int] = set()

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

    def downloads(self, message: Message) -> bytes:
        """Give the bytes of a message's file, of a photo the largest size, whoever sent it."""
        file = file_of(message)
        assert file is not None, f"message {message['message_id']} holds no file\n{self.transcript()}"
        return self.world.files.by_id[file["file_id"]].data

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


def buttons_of(message: Message) -> list[dict[str, Any]]:
    """List the inline buttons of a message."""
    rows = (message.get("reply_markup") or {}).get("inline_keyboard") or []
    return [button for row in rows for button in row]


def button_of(message: Message, label: str) -> dict[str, Any] | None:
    """Find a button by a part of its text."""
    return next((button for button in buttons_of(message) if label in button["text"]), None)
