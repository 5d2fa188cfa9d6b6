"""Files as Telegram keeps them: photos re-encoded in several sizes, documents byte for byte."""

import hashlib
import io
import itertools
from dataclasses import dataclass, field, replace
from typing import Any

from PIL import Image

from simulator.errors import ApiError, bad_request

SIZES = (("s", 90), ("m", 320), ("x", 800), ("y", 1280))
MOST_DOWNLOAD = 20 * 1024 * 1024
MOST_SIDES = 10_000
MOST_RATIO = 20
THUMBNAIL = 320
TYPES = {  # as the server calls them in its refusals
    "photos": "Photo",
    "thumbnails": "Thumbnail",
    "videos": "Video",
    "video_notes": "VideoNote",
    "animations": "Animation",
    "music": "Audio",
    "voice": "VoiceNote",
    "documents": "Document",
    "stickers": "Sticker",
}


@dataclass(frozen=True)
class Kept:
    """A file of the server; ``size`` is what it declares, ``content`` the fields of a message with it."""

    file_id: str
    unique_id: str
    data: bytes
    path: str
    name: str | None = None
    mime: str | None = None
    size: int = 0
    content: dict[str, Any] = field(default_factory=dict)

    @property
    def type(self) -> str:
        """What the server calls this kind of file."""
        return TYPES[self.path.partition("/")[0]]


class Files:
    """All files by their ids."""

    def __init__(self) -> None:
        self.by_id: dict[str, Kept] = {}
        self.by_path: dict[str, Kept] = {}
        self._numbers = itertools.count(1)

    def keep(
        self,
        data: bytes,
        *,
        folder: str,
        name: str | None = None,
        mime: str | None = None,
        size: int | None = None,
    ) -> Kept:
        """Keep bytes under a new file_id; the unique id follows from them and a size declared instead."""
        number = next(self._numbers)
        declared = b"" if size is None else str(size).encode()
        unique = f"Ag{hashlib.sha256(data + declared).hexdigest()[:14]}"
        suffix = (name or "file").rpartition(".")[2][:8]
        kept = Kept(
            file_id=f"AgACAgIAAxkBAAI{number:06d}{unique}",
            unique_id=unique,
            data=data,
            path=f"{folder}/file_{number}.{suffix}",
            name=name,
            mime=mime,
            size=len(data) if size is None else size,
        )
        self.by_id[kept.file_id] = kept
        self.by_path[kept.path] = kept
        return kept

    def remember(self, kept: Kept, content: dict[str, Any]) -> None:
        """Note what a message with this file holds, for when it is sent again by its id."""
        self.by_id[kept.file_id] = self.by_path[kept.path] = replace(kept, content=content)

    def keep_thumbnail(self, data: bytes) -> dict[str, Any] | None:
        """Keep a small copy of a picture, as a file shows it; None for what is no picture."""
        try:
            return self._size(_opened(data), THUMBNAIL, "thumbnails")
        except ApiError:
            return None

    def keep_photo(self, data: bytes) -> list[dict[str, Any]]:
        """Keep a photo in its sizes, smallest first, as a message shows them."""
        picture = _opened(data)
        width, height = picture.size
        if width + height > MOST_SIDES or max(width, height) > MOST_RATIO * min(width, height):
            raise bad_request("PHOTO_INVALID_DIMENSIONS")
        shown: list[dict[str, Any]] = []
        for _, side in SIZES:
            shown.append(self._size(picture, side, "photos"))
            if side >= max(width, height):
                break
        for one in shown:
            self.remember(self.by_id[one["file_id"]], {"photo": shown})
        return shown

    def _size(self, picture: Image.Image, side: int, folder: str) -> dict[str, Any]:
        copy = picture.convert("RGB")
        copy.thumbnail((side, side))
        out = io.BytesIO()
        copy.save(out, "JPEG", quality=87)
        kept = self.keep(out.getvalue(), folder=folder, name="file.jpg")
        return {
            "file_id": kept.file_id,
            "file_unique_id": kept.unique_id,
            "width": copy.width,
            "height": copy.height,
            "file_size": kept.size,
        }

    def find(self, file_id: str) -> Kept:
        """Give a file by its id. Raises ApiError."""
        kept = self.by_id.get(file_id)
        if kept is None:
            raise bad_request("wrong file_id or the file is temporarily unavailable")
        return kept


def _opened(data: bytes) -> Image.Image:
    try:
        picture = Image.open(io.BytesIO(data))
        picture.load()
    except (OSError, SyntaxError):
        raise bad_request("IMAGE_PROCESS_FAILED") from None
    return picture
