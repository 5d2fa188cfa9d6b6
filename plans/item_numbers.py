"""Numbers of rows: «3», «2.1.», «4)», and which may come after which."""

import re

ITEM = re.compile(r"(?P<number>\d{1,3}(?:\.\d{1,3}){0,3})[.)]{0,2}")

Number = tuple[int, ...]


def item_number(text: str) -> Number | None:
    """Read a number, by its levels; None for anything else."""
    found = ITEM.fullmatch(text)
    return tuple(int(part) for part in found["number"].split(".")) if found is not None else None


def next_numbers(number: Number) -> frozenset[Number]:
    """Give what may follow: 2.2, 2.1.1, 3 and 3.1 after 2.1, and a number again (a misprint) or 1 anew."""
    ups = {(*number[:level], number[level] + 1) for level in range(len(number))}
    downs = {(*up, 1) for up in ups}
    return frozenset({number, (1,), (*number, 1)} | ups | downs)


def follows(number: Number, before: Number | None) -> bool:
    """Tell whether a number may come after ``before``; the first one begins with a one, or is whole."""
    if before is None:
        return number[-1] in {0, 1} or len(number) == 1
    return number in next_numbers(before)
