"""The limited child process that reads one file: bytes on stdin, one line of JSON on stdout.

``python -m plans.child NAME`` reads an order, ``python -m plans.child --schools NAME`` a list of schools.
"""

import json
import resource
import sys
from collections.abc import Sequence
from typing import Any

MEMORY = 512 * 1024 * 1024
PROCESSOR = 20  # seconds
SCHOOLS = "--schools"


def limit() -> None:
    """Take from this process what no order needs: memory, time, the right to write files."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR, PROCESSOR))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def answer(data: bytes, name: str, *, schools: bool) -> dict[str, Any]:
    """Read a file and give the answer: a plan, schools, or the error by its name and facts."""
    from plans.plan import PlanError

    try:
        return _schools(data, name) if schools else _plan(data, name)
    except PlanError as error:
        return {"error": {"kind": type(error).__name__, "facts": dict(vars(error))}}
    except (MemoryError, RecursionError):
        return {"error": {"kind": "TooLarge", "facts": {}}}


def _plan(data: bytes, name: str) -> dict[str, Any]:
    from plans.plan_json import plan_to_json
    from plans.read import read_plan

    return {"plan": plan_to_json(read_plan(data, name))}


def _schools(data: bytes, name: str) -> dict[str, Any]:
    from plans.schools import read_schools

    return {"schools": [[line.name, line.short_name] for line in read_schools(data, name)]}


def main(arguments: Sequence[str]) -> None:
    """Read stdin, answer on stdout; the exit code is 0 for a refusal too."""
    limit()
    schools = len(arguments) > 1 and arguments[0] == SCHOOLS
    name = arguments[-1] if arguments else ""
    found = answer(sys.stdin.buffer.read(), name, schools=schools)
    line = json.dumps(found, ensure_ascii=False) + "\n"
    sys.stdout.buffer.write(line.encode(errors="replace"))
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
