"""The child process itself, as the bot starts it."""

import json
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from bot.children import ChildFailed, run_child
from tests.plans.word import with_part, word_of

ROOT = Path(__file__).parents[2]
ORDER = "План на 2023 год\n\n№\tМероприятие\tСрок\tОтветственные\n1\tСеминар\tмай\tОО\n"


def child(data: bytes, *arguments: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "plans.child", *arguments],
        input=data,
        capture_output=True,
        check=True,
        cwd=ROOT,
        timeout=60,
    )
    (line,) = done.stdout.decode().splitlines()
    found: dict[str, Any] = json.loads(line)
    return found


def test_a_child_prints_the_plan_as_one_line() -> None:
    assert child(ORDER.encode(), "приказ.txt")["plan"]["rows"][0]["title"] == "Семинар"


def test_a_child_reads_word_within_its_limits() -> None:
    assert len(child(word_of(ORDER), "приказ.docx")["plan"]["rows"]) == 1


def test_a_refusal_is_an_answer_with_its_facts() -> None:
    assert child(b"\x89PNG", "a.png") == {"error": {"kind": "WrongFormat", "facts": {"suffix": ".png"}}}
    assert child(b"no table", "a.txt") == {"error": {"kind": "NotAnOrder", "facts": {}}}


def test_a_bomb_is_refused_and_not_unpacked() -> None:
    bomb = with_part(word_of(ORDER), "word/document.xml", b"<a>" + b"\0" * 100_000_000 + b"</a>")
    assert child(bomb, "bomb.docx")["error"]["kind"] == "TooLarge"


def test_a_child_reads_lists_of_schools() -> None:
    assert child("МБОУ СОШ № 1".encode(), "--schools", "a.txt") == {"schools": [["МБОУ СОШ № 1", "СОШ № 1"]]}


def test_a_file_named_like_an_option_is_still_a_file() -> None:
    assert len(child(ORDER.encode(), "--schools")["plan"]["rows"]) == 1


def test_thousands_of_rows_that_are_all_alike_are_read_within_the_limits() -> None:
    row = "{}\tПроведение семинара для учителей начальных классов\tмай\tОтдел образования\n"
    text = ORDER + "".join(row.format(number) for number in range(2, 4900))
    assert len(child(text.encode(), "приказ.txt")["plan"]["rows"]) == 4899


def inside(code: str) -> str:
    """Run code as if a file had taken a limited child over; give what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", f"from plans.child import limit\nlimit()\n{code}"],
        capture_output=True,
        check=True,
        cwd=ROOT,
        timeout=60,
    )
    return done.stdout.decode().strip()


ATTEMPT = """
import os, pty, socket, subprocess
try:
    {attempt}
    print("done")
except PermissionError as refused:
    print("refused", refused)
"""


@pytest.mark.parametrize(
    ("attempt", "event"),
    [
        ("socket.socket()", "socket.__new__"),
        ("socket.create_connection(('127.0.0.1', 1))", "socket.getaddrinfo"),
        ("socket.getaddrinfo('localhost', 80)", "socket.getaddrinfo"),
        ("socket.gethostbyname('localhost')", "socket.gethostbyname"),
        ("subprocess.run(['true'])", "subprocess.Popen"),
        ("os.system('true')", "os.system"),
        ("os.execv('/bin/true', ['true'])", "os.exec"),
        ("os.posix_spawn('/bin/true', ['true'], {})", "os.posix_spawn"),
        ("os.fork()", "os.fork"),
        ("pty.spawn('true')", "pty.spawn"),
    ],
)
def test_code_in_a_child_neither_connects_nor_starts_processes(attempt: str, event: str) -> None:
    assert inside(ATTEMPT.format(attempt=attempt)) == f"refused {event}"


# A connection that Python knows nothing of, as a library of C would make it.
BELOW_PYTHON = """
import ctypes, os, struct
libc = ctypes.CDLL(None)
address = struct.pack("=H", 2) + struct.pack("!H4B8x", {port}, 127, 0, 0, 1)
connected = libc.connect(libc.socket(2, 1, 0), address, len(address)) == 0
print(int(connected), os.readlink("/proc/self/ns/net"))
"""


def test_a_library_in_a_child_finds_no_network_where_the_kernel_lets_it_leave() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        socket.create_connection(("127.0.0.1", port)).close()  # the bot itself does get through
        connected, namespace = inside(BELOW_PYTHON.format(port=port)).split()
    stayed = namespace == str(Path("/proc/self/ns/net").readlink())
    assert connected == ("1" if stayed else "0")


def test_a_child_writes_no_file(tmp_path: Path) -> None:
    code = f"""
try:
    with open({str(tmp_path / "left")!r}, "w") as left:
        left.write("x")
except OSError as refused:
    print(type(refused).__name__, refused.errno)
"""
    assert inside(code) == "OSError 27"  # EFBIG


def test_a_child_that_asks_for_more_memory_gets_none() -> None:
    code = "try:\n    bytes(600_000_000)\nexcept MemoryError:\n    print('none')"
    assert inside(code) == "none"


async def test_the_bot_does_not_wait_for_a_child_longer_than_it_says() -> None:
    began = time.monotonic()
    with pytest.raises(ChildFailed) as failed:
        await run_child("plans.child", ["приказ.txt"], ORDER.encode(), seconds=0.05)
    assert failed.value.reason == "timeout"
    assert time.monotonic() - began < 5
