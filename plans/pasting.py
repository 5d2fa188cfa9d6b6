"""A text pasted into a chat: whether it reads as an order with a plan."""

import re

from plans.headings import Role, role_of

SHORTEST = 200  # characters of the shortest order
ENOUGH = frozenset({Role.TITLE, Role.DEADLINE, Role.RESPONSIBLE})
BETWEEN = re.compile(r"[\t\n|;]|\s{2,}")


def looks_like_order(text: str) -> bool:
    """Tell whether a text has the headings of a plan: activity, date, and who answers for it."""
    if len(text) < SHORTEST:
        return False
    return {role_of(piece.strip()) for piece in BETWEEN.split(text) if piece.strip()} >= ENOUGH
