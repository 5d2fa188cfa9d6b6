"""The limited child process that reads one file: bytes on stdin, one line of JSON on stdout.

``python -m plans.child NAME`` reads an order, ``python -m plans.child --schools NAME`` a list of schools;
``--terms JSON`` before an order's name gives the municipality's own school terms.
"""

import json
import sys
from collections.abc import Sequence
from typing import Any

from confinement.limits import confine

SCHOOLS = "--schools"
TERMS = "--terms"
TERMS_AND_NAME = 3  # arguments


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
    confine()
    schools = len(arguments) > 1 and arguments[0] == SCHOOLS
    terms = arguments[1] if len(arguments) == TERMS_AND_NAME and arguments[0] == TERMS else "{}"
    name = arguments[-1] if arguments else ""
    found = answer(sys.stdin.buffer.read(), name, schools=schools, terms=terms)
    line = json.dumps(found, ensure_ascii=False) + "\n"
    sys.stdout.buffer.write(line.encode(errors="replace"))
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
