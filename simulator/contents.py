"""What messages hold: photos, files, places and whatever else a phone sends, as the Bot API shows it."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from simulator.files import Files

Fields = dict[str, Any]

UNKNOWN_MIME = "application/octet-stream"
MIMES = {
    "csv": "text/csv",
    "doc": "application/msword",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "gif": "image/gif",
    "heic": "image/heic",
    "ics": "text/calendar",
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "mp3": "audio/mpeg",
    "mp4": "video/mp4",
    "odt": "application/vnd.oasis.opendocument.text",
    "oga": "audio/ogg",
    "pdf": "application/pdf",
    "png": "image/png",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "rar": "application/vnd.rar",
    "rtf": "application/rtf",
    "txt": "text/plain",
    "webp": "image/webp",
    "xls": "application/vnd.ms-excel",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "zip": "application/zip",
}

_stubs = itertools.count(1)
_polls = itertools.count(5_400_000_000_000_000_000)


class Kind(StrEnum):
    """The kinds of a file in a message, each the name of its field."""

    PHOTO = "photo"
    VIDEO = "video"
    VIDEO_NOTE = "video_note"
    ANIMATION = "animation"
    AUDIO = "audio"
    VOICE = "voice"
    DOCUMENT = "document"
    STICKER = "sticker"


FOLDERS = {
    Kind.VIDEO: "videos",
    Kind.VIDEO_NOTE: "video_notes",
    Kind.ANIMATION: "animations",
    Kind.AUDIO: "music",
    Kind.VOICE: "voice",
    Kind.DOCUMENT: "documents",
    Kind.STICKER: "stickers",
}
OWN_MIMES = {
    Kind.VIDEO: "video/mp4",
    Kind.ANIMATION: "video/mp4",
    Kind.AUDIO: "audio/mpeg",
    Kind.VOICE: "audio/ogg",
}
SUFFIXES = {
    Kind.VIDEO: "mp4",
    Kind.VIDEO_NOTE: "mp4",
    Kind.ANIMATION: "mp4",
    Kind.AUDIO: "mp3",
    Kind.VOICE: "oga",
    Kind.STICKER: "webp",
}
NAMED = frozenset({Kind.VIDEO, Kind.ANIMATION, Kind.AUDIO, Kind.DOCUMENT})
FILES = tuple(kind for kind in Kind if kind is not Kind.PHOTO)


@dataclass(frozen=True)
class Media:
    """A file on its way into a message; without bytes a stub, different each time.

    ``size`` is the length in bytes the server declares where it is not that of ``data``; ``seconds`` how long
    it plays; ``thumbnail`` a picture of which a small copy goes along.
    """

    kind: Kind
    data: bytes | None = None
    name: str | None = None
    mime: str | None = None
    size: int | None = None
    seconds: int = 0
    thumbnail: bytes | None = None


@dataclass(frozen=True)
class Album:
    """Photos (bytes), videos or documents of one album, and where its caption is."""

    pieces: Sequence[bytes | Media]
    caption: str | None = None
    caption_on: int = 0


def mime_of(name: str | None) -> str:
    """Tell a file's type by its name."""
    return MIMES.get((name or "").rpartition(".")[2].lower(), UNKNOWN_MIME)


def held(files: Files, media: Media) -> Fields:
    """Keep a file and give the fields of a message that holds it. Raises ApiError for what is no photo."""
    data = media.data if media.data is not None else f"{media.kind} {next(_stubs)}".encode()
    if media.kind is Kind.PHOTO:
        return {"photo": files.keep_photo(data)}
    mime = media.mime or OWN_MIMES.get(media.kind) or mime_of(media.name)
    name = media.name or f"file.{SUFFIXES.get(media.kind, 'bin')}"
    kept = files.keep(data, folder=FOLDERS[media.kind], name=name, mime=mime, size=media.size)
    shown: Fields = {
        "file_id": kept.file_id,
        "file_unique_id": kept.unique_id,
        "file_size": kept.size,
        **({"file_name": media.name} if media.name and media.kind in NAMED else {}),
        **({"mime_type": mime} if media.kind not in {Kind.VIDEO_NOTE, Kind.STICKER} else {}),
    }
    if media.thumbnail and (small := files.keep_thumbnail(media.thumbnail)):
        shown["thumbnail"] = small
    fields: Fields = {media.kind.value: {**shown, **_measures(media)}}
    if media.kind is Kind.ANIMATION:
        fields["document"] = dict(shown)  # as the real server does, for old clients
    files.remember(kept, fields)
    return fields


def _measures(media: Media) -> Fields:
    match media.kind:
        case Kind.VIDEO | Kind.ANIMATION:
            return {"width": 1280, "height": 720, "duration": media.seconds}
        case Kind.VIDEO_NOTE:
            return {"length": 384, "duration": media.seconds}
        case Kind.AUDIO | Kind.VOICE:
            return {"duration": media.seconds}
        case Kind.STICKER:
            still = {"type": "regular", "is_animated": False, "is_video": False}
            return {**still, "width": 512, "height": 512, "emoji": "👍"}
        case _:
            return {}


def file_of(message: Fields) -> Fields | None:
    """Give the file of a message, of a photo the largest size; None where there is none."""
    if message.get("photo"):
        largest: Fields = max(message["photo"], key=lambda size: size["width"] * size["height"])
        return largest
    return next((message[kind] for kind in FILES if kind in message), None)


def captionable(message: Fields) -> bool:
    """Tell whether a message holds what may have a caption."""
    return any(kind in message for kind in Kind if kind not in {Kind.STICKER, Kind.VIDEO_NOTE})


def location(latitude: float, longitude: float) -> Fields:
    """Give a place."""
    return {"location": {"latitude": latitude, "longitude": longitude}}


def venue(latitude: float, longitude: float, title: str, address: str) -> Fields:
    """Give a place with a name; the bare place comes along, as from the real server."""
    place = location(latitude, longitude)
    return {**place, "venue": {**place, "title": title, "address": address}}


def contact(phone_number: str, first_name: str) -> Fields:
    """Give a contact."""
    return {"contact": {"phone_number": phone_number, "first_name": first_name}}


def poll(question: str, options: Sequence[str]) -> Fields:
    """Give a poll nobody has voted in."""
    return {
        "poll": {
            "id": str(next(_polls)),
            "question": question,
            "options": [
                {"persistent_id": str(place), "text": text, "voter_count": 0}
                for place, text in enumerate(options)
            ],
            "total_voter_count": 0,
            "is_closed": False,
            "is_anonymous": True,
            "type": "regular",
            "allows_multiple_answers": False,
            "allows_revoting": True,
            "members_only": False,
        }
    }


def dice(emoji: str, value: int) -> Fields:
    """Give a thrown die."""
    return {"dice": {"emoji": emoji, "value": value}}


def story(chat_id: int, title: str, number: int) -> Fields:
    """Give a story of a channel."""
    return {"story": {"chat": {"id": chat_id, "type": "channel", "title": title}, "id": number}}
