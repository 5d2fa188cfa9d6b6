"""Limited child processes: whatever a file does while it is read, it does it there."""

import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
SECONDS = 20.0
MOST_OUTPUT = 16 * 1024 * 1024


class ChildFailed(Exception):
    """The child did not answer: ``reason`` is «timeout» or «crash»."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


async def run_child(module: str, args: Sequence[str], data: bytes, *, seconds: float = SECONDS) -> bytes:
    """Run ``python -m module args`` on ``data`` and give what it printed. Raises ChildFailed.

    Its environment is empty but for what Python needs; the limits of memory it sets itself.
    """
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        *args,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        cwd=ROOT,
        env={"PATH": os.environ.get("PATH", ""), "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUTF8": "1"},
        limit=MOST_OUTPUT,
    )
    try:
        async with asyncio.timeout(seconds):
            output, _ = await child.communicate(data)
    except TimeoutError:
        raise ChildFailed("timeout") from None
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    if child.returncode != 0 or len(output) > MOST_OUTPUT:
        raise ChildFailed("crash")
    return output
