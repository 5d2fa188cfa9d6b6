"""An amending order applied to the rows of the plan it amends: which rows the next edition has."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from plans.matching import match_rows, plain_number
from plans.plan import Change, ChangeOp, Row


@dataclass(frozen=True)
class Placed:
    """A row of the next edition; ``before`` is the place of the same row in the edition before."""

    row: Row
    before: int | None


@dataclass(frozen=True)
class NextEdition:
    """The rows in their order, and the changes that could not be made.

    ``unplaced`` ones found no row to change; of ``unworded`` ones the order does not say the whole row
    («слова … заменить словами …»).
    """

    rows: tuple[Placed, ...]
    unplaced: tuple[Change, ...] = ()
    unworded: tuple[Change, ...] = ()


def next_edition(before: Sequence[Row], order: Sequence[Row], changes: Sequence[Change]) -> NextEdition:
    """Give the rows after an order: its own where it is a whole new edition, else the changed ones."""
    if not changes:
        return NextEdition(
            tuple(Placed(row, old) for row, old in zip(order, match_rows(before, order), strict=True))
        )
    rows = [Placed(row, place) for place, row in enumerate(before)]
    unused = list(order)
    left = [change for change in changes if not _apply(rows, unused, change)]
    unworded = [
        one for one in left if one.op is ChangeOp.REPLACE and _place(rows, one.number, None) is not None
    ]
    unplaced = tuple(one for one in left if one not in unworded)
    return NextEdition(tuple(rows), unplaced, tuple(unworded))


def _apply(rows: list[Placed], unused: list[Row], change: Change) -> bool:
    """Make one change; False where its row is missing, in the plan or in the order."""
    said = None if change.op is ChangeOp.DROP else _take(unused, change.number)
    if change.op is ChangeOp.ADD:
        return said is not None and _add(rows, said, change)
    place = _place(rows, change.number, said.section if said else None)
    if place is None:
        return False
    if said is None:
        if change.op is ChangeOp.DROP:
            del rows[place]
        return change.op is ChangeOp.DROP
    rows[place] = replace(rows[place], row=_completed(said, rows[place].row))
    return True


def _take(unused: list[Row], number: str) -> Row | None:
    for place, row in enumerate(unused):
        if plain_number(row.number) == plain_number(number):
            return unused.pop(place)
    return None


def _place(rows: Sequence[Placed], number: str, section: str | None) -> int | None:
    """Find the one row of a number; where numbers repeat, the section tells which."""
    found = [place for place, one in enumerate(rows) if plain_number(one.row.number) == plain_number(number)]
    if len(found) > 1 and section is not None:
        found = [place for place in found if rows[place].row.section == section]
    return found[0] if len(found) == 1 else None


def _completed(said: Row, old: Row) -> Row:
    """Take from the old wording what the new one does not say."""
    done = said if said.section is not None else replace(said, section=old.section)
    if not done.deadline_text:
        done = replace(done, deadline_text=old.deadline_text, deadlines=old.deadlines)
    if not done.responsible_text:
        done = replace(done, responsible=old.responsible, responsible_text=old.responsible_text)
    return done


def _add(rows: list[Placed], said: Row, change: Change) -> bool:
    """Put a new row after the one the order names, else in the order of the numbers."""
    if change.after is not None:
        above = _place(rows, change.after, said.section)
        if above is None:
            return False
    else:
        above = _above(rows, change.number)
    section = said.section
    if section is None and rows:
        section = rows[max(above, 0)].row.section
    rows.insert(above + 1, Placed(replace(said, section=section), None))
    return True


def _above(rows: Sequence[Placed], number: str) -> int:
    """Give the place of the last row whose number is not greater; -1 before the first one."""
    wanted = _counted(number)
    below = [place for place, one in enumerate(rows) if _counted(one.row.number) <= wanted]
    return max(below, default=-1) if any(_counted(one.row.number) for one in rows) else len(rows) - 1


def _counted(number: str | None) -> tuple[int, ...]:
    return tuple(int(part) for part in plain_number(number).split(".") if part.isdecimal())
