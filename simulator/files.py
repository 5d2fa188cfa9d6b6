"""Files as Telegram keeps them: photos re-encoded in several sizes, documents byte for byte."""

import hashlib
import io
import itertools
from dataclasses import dataclass, field
from typing import Any

from PIL import Image

from simulator.errors import bad_request

SIZES = (("s", 90), ("m", 320), ("x", 800), ("y", 1280))
MOST_DOWNLOAD = 20 * 1024 * 1024
MOST_SIDES = 10_000
MOST_RATIO = 20


@dataclass(frozen=True)
class Kept:
    """A file of the server."""

    file_id: str
    unique_id: str
    data: bytes
    path: str
    name: str | None = None
    mime: str | None = None
    size: int = 0
    sizes: tuple[dict[str, Any], ...] = field(default=())


class Files:
    """All files by their ids."""

    def __init__(self) -> None:
        self.by_id: dict[str, Kept] = {}
        self.by_path: dict[str, Kept] = {}
        self._numbers = itertools.count(1)

    def keep(self, data: bytes, *, kind: str, name: str | None = None, mime: str | None = None) -> Kept:
        """Keep bytes under a new file_id; the unique id follows from the bytes."""
        number = next(self._numbers)
        unique = f"Ag{hashlib.sha256(data).hexdigest()[:14]}"
        suffix = "jpg" if kind == "photos" else (name or "file").rpartition(".")[2][:8]
        kept = Kept(
            file_id=f"AgACAgIAAxkBAAI{number:06d}{unique}",
            unique_id=unique,
            data=data,
            path=f"{kind}/file_{number}.{suffix}",
            name=name,
            mime=mime,
            size=len(data),
        )
        self.by_id[kept.file_id] = kept
        self.by_path[kept.path] = kept
        return kept

    def keep_photo(self, data: bytes) -> list[dict[str, Any]]:
        """Keep a photo in its sizes, smallest first, as a message shows them."""
        try:
            picture = Image.open(io.BytesIO(data))
            picture.load()
        except (OSError, SyntaxError):
            raise bad_request("IMAGE_PROCESS_FAILED") from None
        width, height = picture.size
        if width + height > MOST_SIDES or max(width, height) > MOST_RATIO * min(width, height):
            raise bad_request("PHOTO_INVALID_DIMENSIONS")
        shown: list[dict[str, Any]] = []
        for _, side in SIZES:
            shown.append(self._size(picture, side))
            if side >= max(width, height):
                break
        for one in shown:
            kept = self.by_id[one["file_id"]]
            self.by_id[kept.file_id] = Kept(**{**vars(kept), "sizes": tuple(shown)})
        return shown

    def _size(self, picture: Image.Image, side: int) -> dict[str, Any]:
        copy = picture.convert("RGB")
        copy.thumbnail((side, side))
        out = io.BytesIO()
        copy.save(out, "JPEG", quality=87)
        kept = self.keep(out.getvalue(), kind="photos")
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
