"""The limited child process that reads one file: bytes on stdin, one line of JSON on stdout."""

import json
import resource
import sys
from typing import Any

MEMORY = 512 * 1024 * 1024
PROCESSOR = 20  # seconds


def limit() -> None:
    """Take from this process what no order needs: memory, time, the right to write files."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR, PROCESSOR))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def answer(data: bytes, name: str, *, schools: bool) -> dict[str, Any]:
    """Read a file and give the answer: a plan, schools, or the error by its name."""
    from plans.plan import PlanError

    try:
        return _schools(data, name) if schools else _plan(data, name)
    except PlanError as error:
        return {"error": {"kind": type(error).__name__, "facts": dict(vars(error))}}
    except MemoryError:
        return {"error": {"kind": "TooLarge", "facts": {}}}


def _plan(data: bytes, name: str) -> dict[str, Any]:
    from plans.plan_json import plan_to_json
    from plans.read import read_plan

    return {"plan": plan_to_json(read_plan(data, name))}


def _schools(data: bytes, name: str) -> dict[str, Any]:
    from plans.schools import read_schools

    return {"schools": [[line.name, line.short_name] for line in read_schools(data, name)]}


def main() -> None:
    """Read stdin, answer on stdout."""
    limit()
    schools = sys.argv[1] == "--schools"
    found = answer(sys.stdin.buffer.read(), sys.argv[-1], schools=schools)
    sys.stdout.write(json.dumps(found, ensure_ascii=False))


if __name__ == "__main__":
    main()
