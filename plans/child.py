"""The limited child process that reads one file: bytes on stdin, one line of JSON on stdout.

``python -m plans.child NAME`` reads an order, ``python -m plans.child --schools NAME`` a list of schools;
``--terms JSON`` before an order's name gives the municipality's own school terms.
"""

import ctypes
import json
import resource
import sys
from collections.abc import Sequence
from typing import Any

MEMORY = 512 * 1024 * 1024
PROCESSOR = 20  # seconds
NEW_USER, NEW_NET = 0x10000000, 0x40000000  # of unshare(2)
PROCESSES = frozenset(
    (
        *("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "pty.spawn"),
        *("os.fork", "os.forkpty"),
    )
)
SCHOOLS = "--schools"
TERMS = "--terms"
TERMS_AND_NAME = 3  # arguments


def limit() -> None:
    """Take from this process what no order needs: memory, time, files to write, the network, children."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR, PROCESSOR))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Not RLIMIT_NPROC: it counts threads, of which the reader of doc has some, and root is above it.
    _leave_network()
    sys.addaudithook(_refuse)


def _leave_network() -> None:
    """Go where there is no network: below Python, a library of C or Rust finds none either.

    Where the kernel does not let an ordinary user do so, what is refused by ``_refuse`` has to do.
    """
    libc = ctypes.CDLL(None)
    for namespaces in (NEW_USER | NEW_NET, NEW_NET):  # a container's root may only do the second
        if libc.unshare(namespaces) == 0:
            return


def _refuse(event: str, _facts: tuple[object, ...]) -> None:
    """Refuse what Python code would open a connection or start a process with. Raises PermissionError."""
    if event in PROCESSES or event.startswith("socket."):
        raise PermissionError(event)


def answer(data: bytes, name: str, *, schools: bool, terms: str = "{}") -> dict[str, Any]:
    """Read a file and give the answer: a plan, schools, or the error by its name and facts.

    ``terms`` are school terms in JSON, as ``plans.school_terms`` writes them.
    """
    from plans.plan import PlanError

    try:
        return _schools(data, name) if schools else _plan(data, name, terms)
    except PlanError as error:
        return {"error": {"kind": type(error).__name__, "facts": dict(vars(error))}}
    except (MemoryError, RecursionError):
        return {"error": {"kind": "TooLarge", "facts": {}}}


def _plan(data: bytes, name: str, terms: str) -> dict[str, Any]:
    from plans.plan_json import plan_to_json
    from plans.read import read_plan
    from plans.school_terms import terms_from_json

    return {"plan": plan_to_json(read_plan(data, name, terms_from_json(json.loads(terms))), whole=True)}


def _schools(data: bytes, name: str) -> dict[str, Any]:
    from plans.schools import read_schools

    return {"schools": [[line.name, line.short_name] for line in read_schools(data, name)]}


def main(arguments: Sequence[str]) -> None:
    """Read stdin, answer on stdout; the exit code is 0 for a refusal too."""
    limit()
    schools = len(arguments) > 1 and arguments[0] == SCHOOLS
    terms = arguments[1] if len(arguments) == TERMS_AND_NAME and arguments[0] == TERMS else "{}"
    name = arguments[-1] if arguments else ""
    found = answer(sys.stdin.buffer.read(), name, schools=schools, terms=terms)
    line = json.dumps(found, ensure_ascii=False) + "\n"
    sys.stdout.buffer.write(line.encode(errors="replace"))
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
