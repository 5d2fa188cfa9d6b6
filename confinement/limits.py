"""The limits of a child process: memory, time, files to write, the network, children of its own."""

import ctypes
import os
import resource
import sys

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


def confine() -> None:
    """Take from this process, for good, what reading one file does not need."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR, PROCESSOR))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Not RLIMIT_NPROC: it counts threads, of which the reader of doc has some, and root is above it.
    _leave_network()
    _spare_memory()
    sys.addaudithook(_refuse)


def _leave_network() -> None:
    """Go where there is no network: below Python, a library of C or Rust finds none either.

    Where the kernel does not let an ordinary user do so, what is refused by ``_refuse`` has to do.
    """
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
