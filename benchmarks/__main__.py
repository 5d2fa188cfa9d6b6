"""Run every benchmark and print its ratios: ours against a floor measured in the same run."""

import asyncio

from benchmarks import planning, reading, updating


def main() -> None:
    """Print one line a measure."""
    print("what                                     ours         floor        ratio")
    for measure in (
        *reading.measures(),
        *asyncio.run(updating.measures()),
        *asyncio.run(planning.measures()),
    ):
        print(measure)


if __name__ == "__main__":
    main()
