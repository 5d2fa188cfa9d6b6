"""Which row of one edition is which row of another: by number and by likeness of wording."""

from collections.abc import Sequence

from rapidfuzz import fuzz

from plans.plan import Row

SAME_NUMBER = 45  # per cent of likeness at which a row of the same number is the same row
ANY_NUMBER = 80  # per cent of likeness at which a row of another number is


def match_rows(before: Sequence[Row], after: Sequence[Row]) -> list[int | None]:
    """Give for each row of ``after`` the place of the same row in ``before``; None where it is new.

    A number alone proves nothing: a dropped row shifts all that follow it.
    """
    found: list[int | None] = [None] * len(after)
    free = set(range(len(before)))
    for alike, place, old in sorted(_candidates(before, after), key=lambda one: (-one[0], one[1], one[2])):
        if alike and found[place] is None and old in free:
            found[place] = old
            free.discard(old)
    return found


def _candidates(before: Sequence[Row], after: Sequence[Row]) -> list[tuple[float, int, int]]:
    """List (likeness, place after, place before) of every two rows that may be the same one."""
    alike = [
        (_likeness(old, new), place, number)
        for place, new in enumerate(after)
        for number, old in enumerate(before)
    ]
    return [one for one in alike if one[0] > 0]


def _likeness(old: Row, new: Row) -> float:
    ratio = fuzz.ratio(_plain(old.title), _plain(new.title))
    same_number = bool(old.number) and plain_number(old.number) == plain_number(new.number)
    if ratio < (SAME_NUMBER if same_number else ANY_NUMBER):
        return 0
    return ratio + (10 if same_number else 0) + (5 if old.section == new.section else 0)


def _plain(title: str) -> str:
    return " ".join(title.casefold().replace("ё", "е").split())


def plain_number(number: str | None) -> str:
    """Give a printed number without its trailing dots and brackets: «3.1.» → «3.1»."""
    return (number or "").strip(" .)")
