"""What the fault suite counted: a line of JSON for each test that counts, and a table of them.

``python -m tests.faults.figures`` prints the table of the last run; its last line sums it up.
"""

import json
import os
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
COUNTS = ("kills", "stops", "cuts", "in_hand", "lost", "duplicated", "copies")
MOST = frozenset({"copies"})  # of these the greatest counts, not the sum


def path() -> Path:
    """Give the file of the figures: $FAULT_FIGURES, or one under the root of the repository."""
    return Path(os.environ.get("FAULT_FIGURES") or ROOT / ".faults" / "figures.jsonl")


def figures(kind: str, **counts: int) -> None:
    """Note what a test counted: kills, stops, cuts, in_hand, lost, duplicated, copies, those that apply."""
    unknown = counts.keys() - set(COUNTS)
    assert not unknown, unknown
    path().parent.mkdir(parents=True, exist_ok=True)
    with path().open("a", encoding="utf-8") as file:
        file.write(json.dumps({"name": kind, **counts}, ensure_ascii=False) + "\n")


def read() -> list[dict[str, int | str]]:
    """Read the lines of the last run."""
    if not path().exists():
        return []
    return [json.loads(line) for line in path().read_text(encoding="utf-8").splitlines()]


def table(lines: list[dict[str, int | str]]) -> str:
    """Give the lines as a table, and below it the sum of them."""
    width = max((len(str(line["name"])) for line in lines), default=0)
    rows = [" " * width + "".join(f"{count:>11}" for count in COUNTS)]
    rows += [
        str(line["name"]).ljust(width) + "".join(f"{line.get(count, '·'):>11}" for count in COUNTS)
        for line in lines
    ]
    kills, lost, duplicated, copies = (_over(lines, one) for one in ("kills", "lost", "duplicated", "copies"))
    rows.append(f"kills {kills}, lost {lost}, duplicated {duplicated}, copies max {copies}")
    return "\n".join(rows)


def _over(lines: list[dict[str, int | str]], count: str) -> int:
    found = [int(line.get(count, 0)) for line in lines]
    return max(found, default=0) if count in MOST else sum(found)


if __name__ == "__main__":
    sys.stdout.write(table(read()) + "\n")
