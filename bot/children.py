"""Limited child processes: whatever a file does while it is read, it does it there."""

import asyncio
import os
import sys
from asyncio.subprocess import Process
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).parents[1]
SECONDS = 20.0
MOST_OUTPUT = 16 * 1024 * 1024
PIECE = 65536
LAST_WORDS = 1.0  # seconds for what a dead child has left in its pipe


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
    )
    try:
        async with asyncio.timeout(seconds):
            output = await _talk(child, data)
    except TimeoutError:
        raise ChildFailed("timeout") from None
    finally:
        await _end(child)
    if child.returncode != 0 or len(output) > MOST_OUTPUT:
        raise ChildFailed("crash")
    return output


async def _talk(child: Process, data: bytes) -> bytes:
    """Write to a child and read its answer side by side, one byte more than it may say at most."""
    assert child.stdin is not None  # both are pipes
    assert child.stdout is not None
    async with asyncio.TaskGroup() as group:
        feeding = group.create_task(_feed(child.stdin, data))
        try:
            output = await child.stdout.readexactly(MOST_OUTPUT + 1)
        except asyncio.IncompleteReadError as ended:
            await child.wait()
            return ended.partial
        feeding.cancel()
    return output


async def _end(child: Process) -> None:
    """Leave no process behind, and no pipe: one with something in it would stay open for ever."""
    if child.returncode is None:
        with suppress(ProcessLookupError):
            child.kill()
        await child.wait()
    assert child.stdout is not None
    with suppress(TimeoutError):
        async with asyncio.timeout(LAST_WORDS):
            while await child.stdout.read(PIECE):
                pass


async def _feed(stdin: asyncio.StreamWriter, data: bytes) -> None:
    try:
        stdin.write(data)
        await stdin.drain()
        stdin.close()
        await stdin.wait_closed()
    except (BrokenPipeError, ConnectionResetError):
        return  # it has read enough, or died: its exit code tells
