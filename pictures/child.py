"""The limited child process that cleans a picture: bytes on stdin; a line of JSON and clean bytes on stdout.

The line tells ``media_type``, ``width`` and ``height`` (px), ``size`` (bytes that follow) and ``print``;
or it is ``{"error": {"kind": …, "facts": {…}}}``, and nothing follows.
"""

import json
import sys
from typing import Any

from confinement.limits import confine


def answer(data: bytes) -> tuple[dict[str, Any], bytes]:
    """Clean a picture and give what is known of it, with its bytes; or the error by its name and facts."""
    from pictures.cleaning import PictureError, clean

    try:
        picture = clean(data)
    except PictureError as error:
        return {"error": {"kind": type(error).__name__, "facts": dict(vars(error))}}, b""
    except MemoryError:  # its header has lied: what it admits to does fit
        return {"error": {"kind": "Broken", "facts": {}}}, b""
    from pictures.prints import print_of, print_to_json  # now: numpy would take 80 MB from the decoders

    known = {
        "media_type": picture.media_type,
        "width": picture.width,
        "height": picture.height,
        "size": len(picture.data),
        "print": print_to_json(print_of(picture.data)),
    }
    return known, picture.data


def main() -> None:
    """Read stdin, answer on stdout; the exit code is 0 for a refusal too."""
    confine()
    known, clean_bytes = answer(sys.stdin.buffer.read())
    sys.stdout.buffer.write(json.dumps(known).encode() + b"\n" + clean_bytes)
    sys.stdout.flush()


if __name__ == "__main__":
    main()
