"""What becomes of a picture that is sent again: saved anew, made smaller, turned, cut at its sides."""

from io import BytesIO

from numpy.random import Generator
from PIL import Image

TURNS = (Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_180, Image.Transpose.ROTATE_270)
DEEDS = ("recompressed", "resized", "turned", "cropped")
USUAL = 85  # quality of what is saved for another reason
MOST_CUT = 0.1  # of a side


def jpeg(picture: Image.Image, quality: int = USUAL) -> bytes:
    """Save as JPEG."""
    file = BytesIO()
    picture.save(file, "JPEG", quality=quality)
    return file.getvalue()


def recompressed(picture: Image.Image, quality: int) -> Image.Image:
    """Save as JPEG of that quality and open it."""
    return Image.open(BytesIO(jpeg(picture, quality)))


def resized(picture: Image.Image, share: float) -> Image.Image:
    """Make both sides that much shorter."""
    size = (max(1, round(picture.width * share)), max(1, round(picture.height * share)))
    return picture.resize(size, Image.Resampling.LANCZOS)


def cropped(picture: Image.Image, left: float, top: float, right: float, bottom: float) -> Image.Image:
    """Cut shares of the picture off its sides."""
    width, height = picture.size
    return picture.crop(
        (round(left * width), round(top * height), round((1 - right) * width), round((1 - bottom) * height))
    )


def sent_by_telegram(picture: Image.Image) -> Image.Image:
    """Make of a picture what Telegram makes of a photo: at most 1280 px, quality 87."""
    return recompressed(resized(picture, min(1, 1280 / max(picture.size))), 87)


def copied(picture: Image.Image, rng: Generator) -> tuple[str, Image.Image]:
    """Do one or two deeds to a picture, chosen by ``rng``, and name them."""
    deeds = rng.choice(DEEDS, int(rng.integers(1, 3)), replace=False).tolist()
    quality = int(rng.integers(40, 81)) if "recompressed" in deeds else USUAL
    for deed in deeds:
        if deed == "resized":
            picture = resized(picture, float(rng.uniform(0.25, 0.9)))
        elif deed == "turned":
            picture = picture.transpose(TURNS[int(rng.integers(0, 3))])
        elif deed == "cropped":
            picture = cropped(picture, *_cuts(rng))
    return " and ".join(sorted(deeds)), recompressed(picture, quality)


def _cuts(rng: Generator) -> list[float]:
    """Choose what to cut off: one side, all sides alike, or each side as it comes."""
    how, much = int(rng.integers(0, 3)), float(rng.uniform(0.02, MOST_CUT))
    if how == 0:
        side = int(rng.integers(0, 4))
        return [much if side == place else 0.0 for place in range(4)]
    return [much] * 4 if how == 1 else [float(one) for one in rng.uniform(0, MOST_CUT, 4)]
