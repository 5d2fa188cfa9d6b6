"""People with phones: what they send, press and receive."""

import io
import itertools
import random
from collections.abc import Sequence
from typing import Any

from PIL import Image

from simulator import contents
from simulator.contents import Album, Fields, Kind, Media, held
from simulator.origins import Origin, forwarded
from simulator.screen import Screen, button_of, buttons_of
from simulator.words import Entity, caption_fields, text_fields
from simulator.world import Chat, Message, World

__all__ = ["Album", "Group", "Kind", "Media", "Origin", "Person", "button_of", "buttons_of", "picture"]

Reply = Message | int | None

_shades = itertools.count(1)


def picture(shade: int | None = None, side: int = 400) -> bytes:
    """Make a small JPEG, distinct for each shade."""
    value = next(_shades) if shade is None else shade
    made = Image.new("RGB", (side, side * 3 // 4), (value * 37 % 256, value * 91 % 256, value * 151 % 256))
    made.putpixel((value % side, value // side % 100), (255, 255, 255))
    out = io.BytesIO()
    made.save(out, "JPEG", quality=90)
    return out.getvalue()


class Person(Screen):
    """A person and the private chat with the bot."""

    def __init__(self, world: World, user_id: int, name: str, username: str | None = None) -> None:
        super().__init__(world, user_id, name)
        self.account = world.account(user_id, name, username)

    def _say(self, content: Fields, reply_to: Reply) -> Message:
        self.account.started = True
        self._mark = self.world.event_number()
        if reply_to is not None:
            quoted = self.world.quoted(self.room, _number(reply_to))
            assert quoted is not None, f"no message {_number(reply_to)} to reply to"
            content = {**content, "reply_to_message": quoted}
        return self.world.put(self.room, self.account.user, content)

    def _send(self, content: Fields, reply_to: Reply = None) -> Message:
        message = self._say(content, reply_to)
        self.world.deliver(self.world.make_update("message", message))
        return message

    def _send_media(self, media: Media, caption: str | None = None, reply_to: Reply = None) -> Message:
        return self._send({**held(self.world.files, media), **caption_fields(caption)}, reply_to)

    def _now(self) -> int:
        return int(self.world.clock.now().timestamp())

    # --- words and photos -------------------------------------------------------------------

    def sends(
        self,
        text: str,
        reply_to: Reply = None,
        *,
        entities: Sequence[Entity] = (),
        link_preview_options: dict[str, Any] | None = None,
    ) -> Message:
        """Send a text; links, commands and the like are found in it, ``entities`` are what the phone adds."""
        return self._send(text_fields(text, entities, link_preview_options), reply_to)

    def sends_photo(
        self, data: bytes | None = None, caption: str | None = None, reply_to: Reply = None
    ) -> Message:
        """Send one photo."""
        return self._send_media(Media(Kind.PHOTO, data or picture()), caption, reply_to)

    def album(
        self,
        photos: int | Sequence[bytes | Media] = 10,
        caption: str | None = None,
        *,
        caption_on: int = 0,
        reply_to: Reply = None,
        origin: Origin | None = None,
    ) -> list[dict[str, Any]]:
        """Put an album on the screen and give its updates, not delivered yet.

        Its pieces are photos (bytes, or how many), videos, or documents; with an ``origin`` it is a forward.
        """
        pieces = [picture() for _ in range(photos)] if isinstance(photos, int) else photos
        return self.albums(Album(pieces, caption, caption_on), reply_to=reply_to, origin=origin)

    def albums(
        self, *albums: Album, reply_to: Reply = None, origin: Origin | None = None
    ) -> list[dict[str, Any]]:
        """Put albums on the screen at once, a piece of each by turns; give the updates, not delivered yet."""
        queues = [self._pieces(album) for album in albums]
        turns = itertools.chain.from_iterable(itertools.zip_longest(*queues))
        before = forwarded(origin, self._now()) if origin is not None else {}
        return [
            self.world.make_update("message", self._say({**before, **content}, reply_to))
            for content in turns
            if content is not None
        ]

    def _pieces(self, album: Album) -> list[Fields]:
        group = self.world.album_id()
        media = [one if isinstance(one, Media) else Media(Kind.PHOTO, one) for one in album.pieces]
        kinds = {one.kind for one in media}
        assert len(kinds) <= 1 or kinds <= {Kind.PHOTO, Kind.VIDEO}, (
            f"no album holds {sorted(kinds)} together"
        )
        return [
            {
                "media_group_id": group,
                **held(self.world.files, one),
                **(caption_fields(album.caption) if place == album.caption_on else {}),
            }
            for place, one in enumerate(media)
        ]

    def sends_album(
        self,
        photos: int | Sequence[bytes | Media] = 10,
        caption: str | None = None,
        *,
        caption_on: int = 0,
        reply_to: Reply = None,
        origin: Origin | None = None,
        shuffle_seed: int | None = None,
        duplicate: bool = False,
    ) -> list[dict[str, Any]]:
        """Send an album: one update a piece, in any order, one of them twice if asked."""
        updates = self.album(photos, caption, caption_on=caption_on, reply_to=reply_to, origin=origin)
        if shuffle_seed is not None:
            random.Random(shuffle_seed).shuffle(updates)
        if duplicate:
            updates.insert(len(updates) // 2, updates[0])
        for update in updates:
            self.world.deliver(update)
        return updates

    def sends_media(
        self, media: Sequence[Media], caption: str | None = None, *, reply_to: Reply = None
    ) -> None:
        """Send what was chosen at once: one piece by itself, more as an album."""
        if len(media) == 1:
            self._send_media(media[0], caption, reply_to)
        else:
            self.sends_album(media, caption, reply_to=reply_to)

    def sends_albums(
        self, *albums: Album, reply_to: Reply = None, origin: Origin | None = None
    ) -> list[dict[str, Any]]:
        """Send several albums at once: their updates come mixed."""
        updates = self.albums(*albums, reply_to=reply_to, origin=origin)
        for update in updates:
            self.world.deliver(update)
        return updates

    # --- files ------------------------------------------------------------------------------

    def sends_document(
        self,
        data: bytes,
        file_name: str,
        mime_type: str = contents.UNKNOWN_MIME,
        caption: str | None = None,
        reply_to: Reply = None,
        *,
        size: int | None = None,
        thumbnail: bytes | None = None,
    ) -> Message:
        """Send a file, also a picture «as file»; ``size`` is what the server says where it is more."""
        media = Media(Kind.DOCUMENT, data, file_name, mime_type, size, thumbnail=thumbnail)
        return self._send_media(media, caption, reply_to)

    def sends_video(
        self,
        data: bytes | None = None,
        caption: str | None = None,
        file_name: str | None = None,
        reply_to: Reply = None,
        *,
        size: int | None = None,
        seconds: int = 12,
        thumbnail: bytes | None = None,
    ) -> Message:
        """Send a video; ``size`` as of a document."""
        media = Media(Kind.VIDEO, data, file_name, size=size, seconds=seconds, thumbnail=thumbnail)
        return self._send_media(media, caption, reply_to)

    def sends_audio(
        self,
        data: bytes | None = None,
        caption: str | None = None,
        file_name: str | None = None,
        reply_to: Reply = None,
        *,
        size: int | None = None,
        seconds: int = 180,
    ) -> Message:
        """Send a piece of music or a recording."""
        return self._send_media(
            Media(Kind.AUDIO, data, file_name, size=size, seconds=seconds), caption, reply_to
        )

    def sends_animation(
        self,
        data: bytes | None = None,
        caption: str | None = None,
        file_name: str | None = None,
        reply_to: Reply = None,
        *,
        size: int | None = None,
        seconds: int = 3,
    ) -> Message:
        """Send a GIF, which Telegram makes a silent video of; it comes as a document as well."""
        return self._send_media(
            Media(Kind.ANIMATION, data, file_name, size=size, seconds=seconds), caption, reply_to
        )

    def sends_voice(
        self,
        seconds: int = 5,
        caption: str | None = None,
        reply_to: Reply = None,
        *,
        data: bytes | None = None,
        size: int | None = None,
    ) -> Message:
        """Send a voice message."""
        return self._send_media(Media(Kind.VOICE, data, size=size, seconds=seconds), caption, reply_to)

    def sends_video_note(
        self,
        seconds: int = 5,
        reply_to: Reply = None,
        *,
        data: bytes | None = None,
        size: int | None = None,
    ) -> Message:
        """Send a round video, which never has a caption."""
        return self._send_media(Media(Kind.VIDEO_NOTE, data, size=size, seconds=seconds), reply_to=reply_to)

    def sends_sticker(self, reply_to: Reply = None) -> Message:
        """Send a sticker."""
        return self._send_media(Media(Kind.STICKER), reply_to=reply_to)

    # --- what is no file --------------------------------------------------------------------

    def sends_location(
        self, reply_to: Reply = None, *, latitude: float = 56.3, longitude: float = 44.0
    ) -> Message:
        """Send a place."""
        return self._send(contents.location(latitude, longitude), reply_to)

    def sends_venue(
        self, title: str = "Школа", address: str = "Садовая, 1", reply_to: Reply = None
    ) -> Message:
        """Send a place with its name and address."""
        return self._send(contents.venue(56.3, 44.0, title, address), reply_to)

    def sends_contact(
        self,
        reply_to: Reply = None,
        *,
        phone_number: str = "+70000000000",
        first_name: str = "Контакт",
    ) -> Message:
        """Send a contact."""
        return self._send(contents.contact(phone_number, first_name), reply_to)

    def sends_poll(
        self,
        question: str = "Когда педсовет?",
        options: Sequence[str] = ("Во вторник", "В среду"),
        reply_to: Reply = None,
    ) -> Message:
        """Send a poll."""
        return self._send(contents.poll(question, options), reply_to)

    def sends_dice(self, reply_to: Reply = None, *, emoji: str = "🎲", value: int = 6) -> Message:
        """Throw a die."""
        return self._send(contents.dice(emoji, value), reply_to)

    def sends_story(self, reply_to: Reply = None, *, number: int = 4) -> Message:
        """Share a story of a channel."""
        return self._send(contents.story(-1_001_900_000_002, "Новости Заозёрья", number), reply_to)

    # --- forwards, edits, deletions ---------------------------------------------------------

    def forwards(
        self,
        what: str | Message | None = None,
        *,
        named: bool = True,
        origin: Origin | None = None,
        photo: bytes | None = None,
        document: Media | None = None,
    ) -> Message:
        """Forward a post of somebody else: a text, a photo or a document with or without it, or a message.

        From a hidden user unless told otherwise, a message from its sender; without their name a hidden user
        cannot be parsed by a strict client.
        """
        if isinstance(what, dict):
            before = forwarded(origin or Origin.USER, what["date"], named=named, user=what["from"])
            return self._send({**before, **_forwardable(what)})
        before = forwarded(origin or Origin.HIDDEN_USER, self._now(), named=named)
        media = Media(Kind.PHOTO, photo) if photo is not None else document
        if media is None:
            return self._send({**before, **text_fields(what or "")})
        return self._send({**before, **held(self.world.files, media), **caption_fields(what)})

    def edits(self, message: Message, text: str, *, entities: Sequence[Entity] = ()) -> None:
        """Edit an own message: its text, or the caption of what it holds (empty: the caption goes)."""
        if "text" in message:
            assert text, "a phone sends no empty text"
            self._edit(message, text_fields(text, entities))
        else:
            assert contents.captionable(message), f"message {message['message_id']} has no caption"
            self._edit(message, caption_fields(text, entities))

    def edits_media(
        self,
        message: Message,
        photo: bytes | None = None,
        *,
        media: Media | None = None,
        caption: str | None = None,
    ) -> None:
        """Put a new photo, or another file, into an own message; its caption stays unless one is given."""
        assert contents.captionable(message), f"message {message['message_id']} holds no photo or file"
        new = held(self.world.files, media or Media(Kind.PHOTO, photo or picture()))
        shown = ("caption", "caption_entities")
        kept = {key: message[key] for key in shown if key in message}
        for kind in Kind:
            message.pop(kind.value, None)
        self._edit(message, {**new, **(caption_fields(caption) if caption is not None else kept)})

    def _edit(self, message: Message, fields: Fields) -> None:
        assert message["from"]["id"] == self.id, "only an own message can be edited"
        assert "forward_origin" not in message, "a forwarded message cannot be edited"
        self._mark = self.world.event_number()
        for key in ("text", "entities", "link_preview_options", "caption", "caption_entities"):
            message.pop(key, None)
        message.update(fields)
        message["edit_date"] = self._now()
        self.world.show(self.room, message)
        self.world.deliver(self.world.make_update("edited_message", message))

    def deletes(self, message: Message | int) -> None:
        """Delete a message, one's own or the bot's, for both; nobody tells the bot."""
        found = self.world.message(self.room, _number(message))
        assert found is not None, f"no message {_number(message)} to delete"
        self.world.remove(self.room, found)

    def presses(self, message: Message, label: str = "", *, data: str | None = None) -> str:
        """Press a button by a part of its text, or by its data (also one that is gone)."""
        if data is None:
            button = button_of(message, label)
            assert button is not None, f"no button «{label}»\n{self.transcript()}"
            data = str(button["callback_data"])
        self._mark = self.world.event_number()
        return self.world.press(self.id, message, data)

    # --- the bot and the account ------------------------------------------------------------

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


def _number(message: Message | int) -> int:
    return message if isinstance(message, int) else int(message["message_id"])


def _forwardable(message: Message) -> Fields:
    """Give what of a message goes along when it is forwarded: neither its place nor its buttons."""
    stays = {
        "message_id",
        "date",
        "edit_date",
        "chat",
        "from",
        "reply_to_message",
        "media_group_id",
        "reply_markup",
        "force_reply",
        "reaction",
    }
    return {key: value for key, value in message.items() if key not in stays}


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
