"""Pictures as schools send them, drawn by Pillow from a seed: families of look-alikes, and strangers.

A family is one place or one form: the same hall with other people, the same letterhead with another
text, the same certificate with another name. Whoever looks at two members sees two pictures.
"""

from collections.abc import Callable

import numpy as np
from numpy.random import Generator
from PIL import Image, ImageChops, ImageDraw, ImageFont

LANDSCAPE = (320, 240)  # width, height, px
PORTRAIT = (240, 320)
SPARE = 1.1  # how much more of a place there is than a picture shows
SYLLABLES = ("va", "ko", "mi", "re", "to", "na", "shi", "ly", "der", "pri", "gos", "nov", "sti", "pla", "mer")
CLOTHES = ((40, 44, 60), (150, 30, 40), (230, 230, 225), (30, 90, 60), (70, 80, 150), (210, 170, 60))
SKIN = ((224, 188, 160), (205, 165, 135), (235, 205, 180))
HAIR = ((40, 30, 25), (95, 65, 40), (180, 150, 100), (25, 25, 28))
INK = (35, 35, 45)
PEN = (40, 50, 130)

Draw = ImageDraw.ImageDraw
Colour = tuple[int, ...]
Family = Callable[[Generator], Image.Image]


def hall(rng: Generator) -> Family:
    """A place with 4 to 25 people, photographed from nearly the same spot every time."""
    place, jitter = _room(rng, LANDSCAPE), float(rng.choice([0.0, 0.03]))

    def member(rng: Generator) -> Image.Image:
        picture = _seen_from_nearby(place, jitter, rng)
        draw = ImageDraw.Draw(picture)
        for depth in np.sort(rng.uniform(0.15, 0.5, int(rng.integers(4, 26)))):
            _person(draw, picture.size, float(depth), rng)
        return _photographed(picture, rng)

    return member


def stage(rng: Generator) -> Family:
    """A camera that stands still before a stage: only the one or two who speak change."""
    place = _room(rng, LANDSCAPE)

    def member(rng: Generator) -> Image.Image:
        picture = _seen_from_nearby(place, 0, rng)
        draw = ImageDraw.Draw(picture)
        for _ in range(int(rng.integers(1, 3))):
            _person(draw, picture.size, float(rng.uniform(0.4, 0.6)), rng)
        return _photographed(picture, rng)

    return member


def desks(rng: Generator) -> Family:
    """A classroom from the last row: the same desks, other backs of heads."""
    place = _room(rng, LANDSCAPE)

    def member(rng: Generator) -> Image.Image:
        picture = _seen_from_nearby(place, 0.03, rng)
        draw = ImageDraw.Draw(picture)
        width, height = picture.size
        for row in range(3):
            for seat in range(5):
                left, top = width * (0.04 + 0.19 * seat), height * (0.42 + 0.17 * row)
                if rng.random() < 0.65:
                    _bust(draw, left + float(rng.uniform(4, 16)), top, 12 + 4 * row, rng)
                draw.rectangle((left, top + 14, left + 44, top + 24), fill=(150 - 12 * row, 110, 70))
        return _photographed(picture, rng)

    return member


def letter(rng: Generator) -> Family:
    """A letterhead with its emblem, signature and stamp; the text is another one each time."""
    head = Image.new("RGB", PORTRAIT, _paper(rng))
    draw = ImageDraw.Draw(head)
    draw.ellipse((104, 8, 134, 38), outline=INK, fill=_any_colour(rng), width=2)
    for line in range(4):
        words = _words(rng, int(rng.integers(3, 6))).upper()
        draw.text((120, 46 + 9 * line), words, INK, _font(8), anchor="mm")
    draw.line((20, 82, 220, 82), fill=INK)
    draw.text((24, 292), _words(rng, 2), INK, _font(9))
    draw.ellipse((110, 270, 152, 312), outline=PEN, width=3)
    draw.text((165, 292), _words(rng, 2), INK, _font(9))

    def member(rng: Generator) -> Image.Image:
        page = head.copy()
        draw = ImageDraw.Draw(page)
        draw.text(
            (24, 88),
            f"{rng.integers(1, 32)}.{rng.integers(1, 13):02} No {rng.integers(1, 999)}",
            INK,
            _font(8),
        )
        draw.text((120, 108), _words(rng, int(rng.integers(2, 5))), INK, _font(10), anchor="mm")
        _paragraphs(draw, 122, int(rng.integers(8, 16)), rng)
        return _scanned(page, rng)

    return member


def certificate(rng: Generator) -> Family:
    """A certificate in a frame; the name, the school and the place taken are other ones."""
    form = Image.new("RGB", LANDSCAPE, _paper(rng))
    draw = ImageDraw.Draw(form)
    frame = _any_colour(rng)
    draw.rectangle((8, 8, 311, 231), outline=frame, width=6)
    draw.rectangle((20, 20, 299, 219), outline=frame)
    draw.text((160, 50), _words(rng, 1).upper(), frame, _font(34), anchor="mm")
    draw.ellipse((220, 160, 275, 215), fill=frame)

    def member(rng: Generator) -> Image.Image:
        page = form.copy()
        draw = ImageDraw.Draw(page)
        draw.text((160, 95), _words(rng, 2).title(), INK, _font(24), anchor="mm")
        for line in range(int(rng.integers(2, 4))):
            draw.text(
                (160, 120 + 13 * line), _words(rng, int(rng.integers(4, 7))), INK, _font(11), anchor="mm"
            )
        return _scanned(page, rng)

    return member


def notes(rng: Generator) -> Family:
    """A nearly blank sheet of paper with a few lines by hand."""
    sheet = _shaded(Image.new("RGB", PORTRAIT, _paper(rng)), rng)

    def member(rng: Generator) -> Image.Image:
        page = sheet.copy()
        draw = ImageDraw.Draw(page)
        for _ in range(int(rng.integers(2, 6))):
            _scribble(draw, float(rng.uniform(15, 90)), float(rng.uniform(20, 300)), rng)
        return _scanned(page, rng)

    return member


def blank(rng: Generator) -> Family:
    """A sheet with nothing on it: one scanner, another sheet each time, which nobody can tell apart."""
    sheet = _shaded(Image.new("RGB", PORTRAIT, _paper(rng)), rng)
    return lambda rng: _scanned(sheet, rng)


def register(rng: Generator) -> Family:
    """A printed table that is filled in by hand."""
    form = Image.new("RGB", LANDSCAPE, _paper(rng))
    draw = ImageDraw.Draw(form)
    rows, columns = int(rng.integers(9, 15)), int(rng.integers(4, 8))
    draw.text((160, 12), _words(rng, 4), INK, _font(11), anchor="mm")
    for row in range(rows + 1):
        draw.line((10, 26 + 200 * row // rows, 310, 26 + 200 * row // rows), fill=INK)
    for column in range(columns + 1):
        draw.line((10 + 300 * column // columns, 26, 10 + 300 * column // columns, 226), fill=INK)

    def member(rng: Generator) -> Image.Image:
        page = form.copy()
        draw = ImageDraw.Draw(page)
        for row in range(int(rng.integers(rows // 2, rows + 1))):
            for column in range(columns):
                if rng.random() < 0.6:
                    left, top = 13 + 300 * column // columns, 28 + 200 * row // rows
                    draw.text(
                        (left, top), _words(rng, 3)[: int(rng.integers(2, 40 // columns + 2))], PEN, _font(9)
                    )
        return _scanned(page, rng)

    return member


def stranger(rng: Generator) -> Image.Image:
    """A picture of its own: a place nobody else photographed, with or without people."""
    picture = _room(rng, LANDSCAPE if rng.random() < 0.7 else PORTRAIT, spare=1)
    draw = ImageDraw.Draw(picture)
    for depth in np.sort(rng.uniform(0.2, 0.7, int(rng.integers(0, 8)))):
        _person(draw, picture.size, float(depth), rng)
    return _photographed(picture, rng)


FAMILIES = (hall, stage, desks, letter, certificate, notes, register, blank)


def _room(rng: Generator, size: tuple[int, int], spare: float = SPARE) -> Image.Image:
    """Draw a place: walls that get darker, a floor, things on them, and the texture of it all."""
    width, height = int(size[0] * spare), int(size[1] * spare)
    coarse = rng.uniform(60, 220, (int(rng.integers(2, 5)), int(rng.integers(2, 5)), 3)).astype(np.uint8)
    picture = Image.fromarray(coarse).resize((width, height), Image.Resampling.BILINEAR)
    draw = ImageDraw.Draw(picture)
    horizon = int(height * rng.uniform(0.45, 0.7))
    floor = _any_colour(rng)
    draw.rectangle((0, horizon, width, height), fill=floor)
    for place in np.linspace(-width, 2 * width, int(rng.integers(8, 20))):
        draw.line((width // 2, horizon - 60, int(place), height), fill=_darker(floor), width=2)
    for _ in range(int(rng.integers(3, 14))):
        left, top = int(rng.uniform(-0.1, 0.9) * width), int(rng.uniform(-0.1, 0.6) * height)
        right, bottom = left + rng.uniform(0.04, 0.35) * width, top + rng.uniform(0.05, 0.4) * height
        shape = draw.ellipse if rng.random() < 0.25 else draw.rectangle
        shape((left, top, int(right), int(bottom)), _any_colour(rng), _any_colour(rng), 3)
    texture = (rng.normal(0, 12, (height // 6, width // 6)) + 128).clip(68, 188).astype(np.uint8)
    rough = Image.fromarray(texture).resize((width, height), Image.Resampling.BILINEAR)
    return ImageChops.add(picture, rough.convert("RGB"), offset=-128)


def _seen_from_nearby(place: Image.Image, jitter: float, rng: Generator) -> Image.Image:
    """Photograph a place; ``jitter`` is how far the camera moves, as a share of the picture."""
    size = (round(place.width / SPARE), round(place.height / SPARE))
    zoom = 1 + rng.uniform(-jitter, jitter) * 0.8
    width, height = size[0] * zoom, size[1] * zoom
    left = (place.width - width) / 2 + rng.uniform(-jitter, jitter) * size[0]
    top = (place.height - height) / 2 + rng.uniform(-jitter, jitter) * size[1]
    box = (max(0, left), max(0, top), min(place.width, left + width), min(place.height, top + height))
    return place.resize(size, Image.Resampling.BILINEAR, box)


def _person(draw: Draw, size: tuple[int, int], tall: float, rng: Generator) -> None:
    """Draw one who stands on the floor; ``tall`` is a share of the picture's height."""
    height = tall * size[1]
    foot = size[1] * float(rng.uniform(0.75, 1.1))
    middle, half = float(rng.uniform(0.03, 0.97)) * size[0], height * 0.13
    top = foot - height
    draw.rectangle((middle - half * 0.8, foot - height * 0.48, middle + half * 0.8, foot), fill=_clothes(rng))
    _bust(draw, middle, top + height * 0.22, height * 0.11, rng, to=foot - height * 0.42)


def _bust(
    draw: Draw, middle: float, neck: float, head: float, rng: Generator, to: float | None = None
) -> None:
    """Draw a head of ``head`` px across above the shoulders, which reach down to ``to``."""
    down = neck + 2 * head if to is None else to
    draw.rounded_rectangle(
        (middle - head * 1.2, neck, middle + head * 1.2, max(down, neck + 2)), 3, _clothes(rng)
    )
    face, hair = (_one_of(colours, rng) for colours in (SKIN, HAIR))
    draw.ellipse((middle - head * 0.7, neck - head * 1.7, middle + head * 0.7, neck + head * 0.2), fill=face)
    draw.chord((middle - head * 0.7, neck - head * 1.7, middle + head * 0.7, neck), 180, 360, fill=hair)


def _paragraphs(draw: Draw, top: int, lines: int, rng: Generator) -> None:
    for line in range(lines):
        left = 36 if rng.random() < 0.25 else 24
        text = _words(rng, 12)
        ends = int(rng.uniform(10, 34)) if rng.random() < 0.2 else 40 - (left - 24) // 4
        draw.text((left, top + 10 * line), text[:ends], INK, _font(9))


def _scribble(draw: Draw, left: float, top: float, rng: Generator) -> None:
    steps = int(rng.integers(20, 60))
    along = left + np.cumsum(rng.uniform(0.3, 3.4, steps))
    up = top + rng.normal(0, 3.2, steps)
    draw.line(list(zip(along.tolist(), up.tolist(), strict=True)), fill=PEN, width=2)


def _photographed(picture: Image.Image, rng: Generator) -> Image.Image:
    """Add the light of the day and the grain of a telephone's camera."""
    return _with_grain(picture, float(rng.uniform(0.85, 1.12)), float(rng.uniform(-12, 12)), rng)


def _scanned(page: Image.Image, rng: Generator) -> Image.Image:
    """Put a page onto the glass a little beside its place."""
    moved = (int(rng.integers(-3, 4)), int(rng.integers(-3, 4)))
    paper = page.getpixel((2, 2))
    sheet = Image.new("RGB", page.size, paper)
    sheet.paste(page, moved)
    return _with_grain(sheet, float(rng.uniform(0.96, 1.03)), float(rng.uniform(-4, 4)), rng)


def _with_grain(picture: Image.Image, gain: float, light: float, rng: Generator) -> Image.Image:
    pixels = np.asarray(picture).astype(np.float32)
    start = int(rng.integers(0, GRAIN.size - pixels[..., 0].size))
    grain = GRAIN[start : start + pixels[..., 0].size].reshape(pixels.shape[:2])
    pixels *= gain
    pixels += light
    pixels += grain[..., None]
    return Image.fromarray(pixels.clip(0, 255, out=pixels).astype(np.uint8))


def _shaded(picture: Image.Image, rng: Generator) -> Image.Image:
    corners = Image.fromarray(rng.uniform(215, 255, (2, 2)).astype(np.uint8))
    shade = np.asarray(corners.resize(picture.size, Image.Resampling.BILINEAR), np.float32) / 255
    return Image.fromarray((np.asarray(picture) * shade[..., None]).astype(np.uint8))


def _words(rng: Generator, count: int) -> str:
    ends = rng.integers(1, 5, count)
    parts = rng.integers(0, len(SYLLABLES), int(ends.sum()))
    spoken = iter(parts.tolist())
    return " ".join("".join(SYLLABLES[next(spoken)] for _ in range(end)) for end in ends.tolist())


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    if size not in FONTS:
        FONTS[size] = ImageFont.load_default(size)
    return FONTS[size]


def _one_of(colours: tuple[Colour, ...], rng: Generator) -> Colour:
    return colours[int(rng.integers(0, len(colours)))]


def _clothes(rng: Generator) -> Colour:
    return tuple(int(one) for one in np.clip(np.array(_one_of(CLOTHES, rng)) + rng.integers(-25, 26), 0, 255))


def _paper(rng: Generator) -> Colour:
    light = int(rng.integers(225, 250))
    return (light, light, light - int(rng.integers(0, 14)))


def _any_colour(rng: Generator) -> Colour:
    return tuple(int(one) for one in rng.integers(20, 236, 3))


def _darker(colour: Colour) -> Colour:
    return tuple(one * 3 // 4 for one in colour)


FONTS: dict[int, ImageFont.FreeTypeFont | ImageFont.ImageFont] = {}
GRAIN = np.random.default_rng(5).normal(0, 4, 400_000).astype(np.float32)
