"""Make a picture clean: upright, of a bearable size, and with nothing in the file but the picture itself.

Whatever comes in is decoded and encoded anew, so that neither the place where it was taken nor a second
file behind its end survives. To be called in ``pictures.child`` only: decoders of hostile files run here.
"""

import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO

import pillow_heif
from PIL import Image, ImageCms

from pictures.paper import is_see_through, on_white

pillow_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False, decode_threads=1)

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "HEIF")  # MPO comes in as JPEG
MOST_PIXELS = 40_000_000
MOST_PIXELS_OF = {"WEBP": 20_000_000}  # its decoder keeps four copies at once, and the child has 512 MB
# A4 at 300 dpi and the twelve megapixels of a telephone stay as they are; more does not show on a screen.
LONGEST_SIDE = 4096  # px
# Telegram takes no larger photo, and a child may not answer more than 16 MB.
MOST_BYTES = 10_000_000
QUALITIES = (90, 75, 50)  # of JPEG, the first that is small enough
ORIENTATION = 0x0112  # of EXIF
UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
BEGINNINGS = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"BM", b"II*\0", b"MM\0*")
HEIF_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
PALETTES = frozenset(("1", "P"))
MULTIPLIED = {"RGBA": "RGBa", "LA": "La"}
DEEP = frozenset(("I", "F", "I;16", "I;16L", "I;16B", "I;16N"))
DECODERS_RAISE = (
    *(OSError, ValueError, SyntaxError, EOFError, LookupError, ArithmeticError),
    *(TypeError, RuntimeError, AttributeError, struct.error),
)


class PictureError(Exception):
    """A file that gives no clean picture; the attributes are the facts."""


class NotAPicture(PictureError):
    """Nothing that begins like a picture: SVG, HTML, PDF, a document, an empty file."""


class TooManyPixels(PictureError):
    """More pixels than are decoded; known from the header alone."""

    def __init__(self, width: int, height: int, most: int = MOST_PIXELS) -> None:
        super().__init__(width, height, most)
        self.width = width
        self.height = height
        self.most = most


class Broken(PictureError):
    """It begins like a picture and does not go on like one: cut off on its way, or corrupt.

    Half a photo proves nothing and is no report, so what has arrived of it is not kept.
    """


@dataclass(frozen=True)
class Clean:
    """A clean picture: JPEG, or PNG where something shows through or colours are few; sizes in px."""

    data: bytes
    width: int
    height: int
    media_type: str


def clean(data: bytes) -> Clean:
    """Decode the first frame of a picture and encode it anew. Raises PictureError.

    Its orientation is applied and its colours are brought into sRGB; EXIF, XMP, IPTC, comments, profiles,
    further frames and whatever follows the end of the picture are left behind.
    """
    with warnings.catch_warnings(action="ignore"):
        picture, turned, profile = _decoded(data)
        picture = _in_srgb(picture, profile)
        if turned in UPRIGHT:
            picture = picture.transpose(UPRIGHT[turned])
        return _encoded(picture)


def _decoded(data: bytes) -> tuple[Image.Image, int | None, bytes | None]:
    """Give the pixels of a bearable size, how they have to be turned, and the profile of their colours.

    ``image`` is all that holds them, so that each step lets go of what it was given: two copies of
    40 megapixels fit into the child, three do not.
    """
    image = _opened(data)
    try:
        image.load()
        turned, profile = _orientation(image), image.info.get("icc_profile")
        if max(image.size) > LONGEST_SIDE:
            image = _averageable(image)
            image = _resized(image)
        return _plain(image), turned, profile
    except DECODERS_RAISE:
        raise Broken from None


def _opened(data: bytes) -> Image.Image:
    """Read the header of a picture and refuse what must not be decoded."""
    if not _begins_like_a_picture(data):
        raise NotAPicture
    _refuse_too_many(*_webp_size(data), "WEBP")  # its decoder takes the memory when it is made
    try:
        with _sizes_unjudged():
            image = Image.open(BytesIO(data), formats=FORMATS)
    except DECODERS_RAISE:
        raise Broken from None
    _refuse_too_many(*image.size, image.format or "")
    return image


def _begins_like_a_picture(data: bytes) -> bool:
    webp = data[:4] == b"RIFF" and data[8:12] == b"WEBP"
    heif = data[4:8] == b"ftyp" and data[8:12] in HEIF_BRANDS
    return data.startswith(BEGINNINGS) or webp or heif


def _webp_size(data: bytes) -> tuple[int, int]:
    """Give the size of a WebP from its header; (0, 0) for anything else."""
    head = data[:30].ljust(30, b"\0")
    if head[8:16] == b"WEBPVP8X":
        return 1 + int.from_bytes(head[24:27], "little"), 1 + int.from_bytes(head[27:30], "little")
    if head[8:16] == b"WEBPVP8L":
        bits = int.from_bytes(head[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if head[8:16] == b"WEBPVP8 ":
        return int.from_bytes(head[26:28], "little") & 0x3FFF, int.from_bytes(head[28:30], "little") & 0x3FFF
    return 0, 0


def _refuse_too_many(width: int, height: int, kind: str) -> None:
    most = MOST_PIXELS_OF.get(kind, MOST_PIXELS)
    if width * height > most:
        raise TooManyPixels(width, height, most)


@contextmanager
def _sizes_unjudged() -> Iterator[None]:
    """Open a header of any size: Pillow's own refusal would not tell the size."""
    most, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
    try:
        yield
    finally:
        Image.MAX_IMAGE_PIXELS = most


def _orientation(image: Image.Image) -> int | None:
    """Read how a decoded picture has to be turned; a broken note of it is no reason to refuse the picture."""
    try:
        noted = image.getexif().get(ORIENTATION)
    except DECODERS_RAISE:
        return None
    return noted if isinstance(noted, int) else None


def _averageable(image: Image.Image) -> Image.Image:
    """Give a picture whose pixels may be averaged: no palette, and what is seen through multiplied in."""
    if is_see_through(image) and image.mode not in MULTIPLIED:
        image = image.convert("RGBA")
    if image.mode in MULTIPLIED:
        return image.convert(MULTIPLIED[image.mode])
    return image.convert("RGB") if image.mode in PALETTES else image


def _resized(image: Image.Image) -> Image.Image:
    scale = LONGEST_SIDE / max(image.size)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return image.resize(size, Image.Resampling.LANCZOS)


def _plain(image: Image.Image) -> Image.Image:
    """Give a picture of mode 1, P, L, RGB, RGBA or CMYK with nothing beside its pixels."""
    if image.mode in DEEP:
        plain = _in_eight_bits(image)
    elif image.mode in PALETTES:
        plain = image.copy()
    elif image.mode == "La":
        plain = image.convert("LA").convert("RGBA")
    elif is_see_through(image):
        plain = image.convert("RGBA")
    else:
        plain = image.copy() if image.mode in {"L", "RGB", "CMYK"} else image.convert("RGB")
    kept = {"transparency"} if plain.mode == "P" else set()
    plain.info = {key: value for key, value in image.info.items() if key in kept}
    return plain


def _in_eight_bits(image: Image.Image) -> Image.Image:
    """Spread the greys of a deep picture over 0 to 255."""
    deep = image.convert("F")
    extremes = deep.getextrema()
    least, most = float(extremes[0]), float(extremes[1])  # type: ignore[arg-type]  # one band: two numbers
    step = 255 / (most - least or 1)
    return deep.point(lambda grey: grey * step - least * step).convert("L")


def _in_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """Bring colours into sRGB, so that their profile may go; a broken one goes anyway."""
    if profile and picture.mode in {"RGB", "RGBA", "CMYK"}:
        try:
            own = ImageCms.ImageCmsProfile(BytesIO(profile))
            if "srgb" not in ImageCms.getProfileDescription(own).casefold():
                mode = "RGBA" if picture.mode == "RGBA" else "RGB"
                picture = ImageCms.profileToProfile(picture, own, SRGB, outputMode=mode) or picture
                picture.info = {}  # it notes the profile it is in now
        except (*DECODERS_RAISE, ImageCms.PyCMSError):
            return picture.convert("RGB") if picture.mode == "CMYK" else picture
    return picture.convert("RGB") if picture.mode == "CMYK" else picture


def _encoded(picture: Image.Image) -> Clean:
    """Encode as PNG what may stay PNG, else as JPEG, in the best quality that is small enough."""
    if picture.mode == "RGBA" and _is_opaque(picture):
        picture = picture.convert("RGB")
    if picture.mode in PALETTES | {"RGBA"}:
        data = _saved(picture, "PNG")
        if len(data) <= MOST_BYTES:
            return Clean(data, *picture.size, "image/png")
        picture = on_white(picture)
    for quality in QUALITIES:
        data = _saved(picture, "JPEG", quality=quality, subsampling="4:2:0")
        if len(data) <= MOST_BYTES:
            break
    return Clean(data, *picture.size, "image/jpeg")


def _is_opaque(picture: Image.Image) -> bool:
    return picture.getchannel("A").getextrema() == (255, 255)


def _saved(picture: Image.Image, kind: str, **how: object) -> bytes:
    file = BytesIO()
    picture.save(file, kind, **how)
    return file.getvalue()


SRGB = ImageCms.createProfile("sRGB")
