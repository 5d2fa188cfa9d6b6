"""A confined process, as if a file had taken it over: no network, no processes, no files, no memory."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def inside(code: str) -> str:
    """Run code as if a file had taken a limited child over; give what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", f"from confinement.limits import confine\nconfine()\n{code}"],
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


@pytest.mark.parametrize("room", ["plans", "pictures"])
def test_the_children_of_the_rooms_are_confined_before_they_read(room: str) -> None:
    code = f"""
import runpy, sys
sys.argv = ["child", "приказ.txt"]
class Listening:
    def read(self):
        try:
            __import__("socket").socket()
        except PermissionError as refused:
            sys.stderr.write("refused")
        sys.exit(0)
sys.stdin = type("Stdin", (), {{"buffer": Listening()}})
runpy.run_module("{room}.child", run_name="__main__")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, cwd=ROOT, timeout=60)
    assert done.stderr.decode() == "refused"
