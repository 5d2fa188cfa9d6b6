"""Run every benchmark, or those named, and print ours against a floor or a peer of the same run."""

import asyncio
import logging
import sys
from collections.abc import Callable, Iterable, Sequence

import structlog

from benchmarks import answering, planning, reading, sending, updating

MODULES: dict[str, Callable[[], Iterable[object]]] = {
    "reading": reading.measures,
    "updating": lambda: asyncio.run(updating.measures()),
    "planning": lambda: asyncio.run(planning.measures()),
    "answering": lambda: asyncio.run(answering.measures()),
    "sending": sending.measures,
}


def main(names: Sequence[str]) -> None:
    """Print one line a measure of the modules named; without names of all. Exits for an unknown name."""
    unknown = [name for name in names if name not in MODULES]
    if unknown:
        sys.exit(f"no benchmark is called {', '.join(unknown)}; there are {', '.join(MODULES)}")
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    print("what                                     ours         floor        ratio")
    for name in names or MODULES:
        for measure in MODULES[name]():
            print(measure, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
