"""Pictures in every format a telephone or a computer sends, with all the notes that must not go further."""

import struct
import zlib
from io import BytesIO

import numpy as np
import pillow_heif
from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo
from PIL.TiffImagePlugin import IFDRational

pillow_heif.register_heif_opener()

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "HEIF", "MPO")
NOTED = ("JPEG", "PNG", "WEBP", "TIFF", "HEIF", "MPO")  # formats with EXIF
MARK = "Seaside 12"  # what no clean picture may tell
ORIENTATION, DESCRIPTION, GPS = 0x0112, 0x010E, 0x8825


def photo(width: int = 320, height: int = 240, seed: int = 1) -> Image.Image:
    """Make a soft picture with some grain, RGB."""
    rng = np.random.default_rng(seed)
    coarse = Image.fromarray(rng.integers(0, 255, (7, 9, 3), np.uint8)).resize((width, height), 3)
    grain = rng.normal(0, 3, (height, width, 1))
    return Image.fromarray((np.asarray(coarse) + grain).clip(0, 255).astype(np.uint8))


def corners(width: int = 64, height: int = 48) -> Image.Image:
    """Make a picture whose upper left quarter is white, and whose upper right is grey."""
    picture = Image.new("RGB", (width, height), "black")
    picture.paste("white", (0, 0, width // 2, height // 2))
    picture.paste("grey", (width // 2, 0, width, height // 2))
    return picture


def saved(picture: Image.Image, kind: str, **how: object) -> bytes:
    """Save in a format, lossless where the format lets it."""
    file = BytesIO()
    usual: dict[str, dict[str, object]] = {
        "WEBP": {"lossless": True},
        "HEIF": {"quality": 90},
        "MPO": {"save_all": True, "append_images": [picture]},
    }
    picture.save(file, kind, **{**usual.get(kind, {}), **how})
    return file.getvalue()


def notes(orientation: int = 1) -> Image.Exif:
    """Give the EXIF of a telephone: where the picture was taken, and how it has to be turned."""
    exif = Image.Exif()
    exif[DESCRIPTION] = MARK
    exif[ORIENTATION] = orientation
    degrees = tuple(IFDRational(one) for one in (44, 36, 18))
    exif.get_ifd(GPS).update({1: "N", 2: degrees, 3: "E", 4: degrees, 29: MARK})
    return exif


def with_notes(picture: Image.Image, kind: str, orientation: int = 1) -> bytes:
    """Save with EXIF, and with what else each format can carry."""
    how: dict[str, object] = {
        "exif": notes(orientation).tobytes(),
        "xmp": f"<x:xmpmeta>{MARK}</x:xmpmeta>".encode(),
    }
    if kind == "PNG":
        texts = PngInfo()
        texts.add_text("Comment", MARK)
        texts.add_itxt("XML:com.adobe.xmp", MARK, zip=True)
        how["pnginfo"] = texts
    if kind == "JPEG":
        how["comment"] = MARK
        how["icc_profile"] = srgb_profile()
    data = saved(picture, kind, **how)
    return _with_iptc(data) if kind == "JPEG" else data


def _with_iptc(data: bytes) -> bytes:
    body = b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\x0f\x1c\x02\x5a\0\x0a" + MARK.encode()
    return data[:2] + b"\xff\xed" + struct.pack(">H", len(body) + 2) + body + data[2:]


def srgb_profile() -> bytes:
    """Give the profile of usual colours."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def crossed_profile() -> bytes:
    """Give a profile of its own, in which red is what others call green, and the other way round."""
    profile = srgb_profile().replace("sRGB".encode("utf-16-be"), "Mine".encode("utf-16-be"))
    return profile.replace(b"rXYZ", b"????").replace(b"gXYZ", b"rXYZ").replace(b"????", b"gXYZ")


def png_bomb(side: int = 13_000) -> bytes:
    """Give a PNG of one bit a pixel that is nearly nothing as a file and side x side when it is decoded."""
    packing = zlib.compressobj(9)
    row = b"\0" * (1 + (side + 7) // 8)
    packed = b"".join(packing.compress(row) for _ in range(side)) + packing.flush()
    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", packed) + _chunk(b"IEND", b"")


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def webp_bomb() -> bytes:
    """Give the header of a WebP as large as there are, 268 megapixels."""
    side = (16_383 - 1).to_bytes(3, "little")
    body = b"WEBPVP8X" + struct.pack("<I", 10) + b"\0\0\0\0" + side + side
    return b"RIFF" + struct.pack("<I", len(body)) + body


def gif_bomb() -> bytes:
    """Give a GIF of one pixel whose only frame is 65,535 pixels wide and high."""
    screen = b"GIF89a" + struct.pack("<HHBBB", 1, 1, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    return screen + b"," + struct.pack("<HHHHB", 0, 0, 65_535, 65_535, 0) + b"\x02\x02\x4c\x01\0;"
