"""What shows through a picture: white paper is laid under it where that may not stay."""

from PIL import Image

SEE_THROUGH = frozenset(("RGBA", "LA", "PA", "RGBa", "La"))


def is_see_through(image: Image.Image) -> bool:
    """Tell whether a picture has transparency at all, in a band of its own or as one of its colours."""
    return image.mode in SEE_THROUGH or "transparency" in image.info


def on_white(image: Image.Image) -> Image.Image:
    """Give a picture as it looks on white paper, of mode L or RGB."""
    if not is_see_through(image):
        return image if image.mode in {"L", "RGB"} else image.convert("RGB")
    layer = image.convert("RGBA")
    paper = Image.new("RGB", layer.size, "white")
    paper.paste(layer, mask=layer.getchannel("A"))
    return paper
