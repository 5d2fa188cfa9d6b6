"""The limited child process that cleans a picture: bytes on stdin; a line of JSON and clean bytes on stdout.

The line tells ``media_type``, ``width`` and ``height`` (px), ``size`` (bytes that follow) and ``print``;
or it is ``{"error": {"kind": …, "facts": {…}}}``, and nothing follows.
"""

import ctypes
import json
import os
import resource
import sys
from typing import Any

MEMORY = 512 * 1024 * 1024
PROCESSOR = 20  # seconds
NEW_USER, NEW_NET = 0x10000000, 0x40000000  # of unshare(2)
ARENAS = -8  # of mallopt(3)
PROCESSES = frozenset(
    (
        *("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "pty.spawn"),
        *("os.fork", "os.forkpty"),
    )
)


def limit() -> None:
    """Take from this process what no picture needs: memory, time, files to write, the network, children."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR, PROCESSOR))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _leave_network()
    _spare_memory()
    sys.addaudithook(_refuse)


def _leave_network() -> None:
    """Go where there is no network, where the kernel lets an ordinary user do so."""
    libc = ctypes.CDLL(None)
    for namespaces in (NEW_USER | NEW_NET, NEW_NET):  # a container's root may only do the second
        if libc.unshare(namespaces) == 0:
            return


def _spare_memory() -> None:
    """Keep threads of libraries from reserving memory that they never use: all of it counts here."""
    ctypes.CDLL(None).mallopt(ARENAS, 1)
    os.environ["OPENBLAS_NUM_THREADS"] = "1"


def _refuse(event: str, _facts: tuple[object, ...]) -> None:
    """Refuse what Python code would open a connection or start a process with. Raises PermissionError."""
    if event in PROCESSES or event.startswith("socket."):
        raise PermissionError(event)


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
    limit()
    known, clean_bytes = answer(sys.stdin.buffer.read())
    sys.stdout.buffer.write(json.dumps(known).encode() + b"\n" + clean_bytes)
    sys.stdout.flush()


if __name__ == "__main__":
    main()
