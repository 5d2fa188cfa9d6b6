"""Parties: the executors a row names, as printed, one each."""

import re
from collections.abc import Iterable

DASH = r"[-–—]"
AGREED = re.compile(r"\s*\(\s*по согласованию\s*\)", re.IGNORECASE)
# One bracket that closes round two parties: «Департамент (далее - ДО, Институт - далее ИРО)».
TWO_IN_ONE = re.compile(
    rf"\(\s*далее\s*{DASH}?\s*(?P<first>[^,()«»]+),"
    rf"\s*(?P<second>[^()]+?)\s*{DASH}\s*далее\s*{DASH}?\s*(?P<short>[^()]+)\)",
    re.IGNORECASE,
)
SHORTENED = re.compile(rf"\s*\(\s*(именуем\w+\s+)?далее\s*{DASH}?\s*[^()]*\)", re.IGNORECASE)
PARTICIPLE = re.compile(r"\s*\w+(щий|щая|щее|щие|щих|щего|щей|вший|вшие|мый|мые|ющиеся|иеся|ованные|енные)\b")
INITIALS = re.compile(r"(?<=[А-ЯЁ]\.)\s+(?=[А-ЯЁ][а-яё]+\s+[А-ЯЁ]\.)")
BULLET = re.compile(r"(?:^|(?<=\s))[-–—•]\s+")
ENDS_SHORT = re.compile(r"(?:\b[А-ЯЁ]|\bдр|\bпр|\bт\.\s?[дп])\.$")
LONGEST = 1000  # characters of two executors printed without a comma
FORMS = re.compile(
    r"\s+(?=(?:МКУ|МБУ|МАУ|МУ|МОУ|МБОУ|МАОУ|МКОУ|ГБУ|ГАУ|ГКУ|ГБОУ|ГАОУ|ФГБУ|ФГБОУ|РЦРО)\b"
    r"(?:\s*(?:ДПО|ВО|ДО))*\s*[«\"])"
)


def split_parties(text: str) -> tuple[str, ...]:
    """Split the cell of executors: by commas, semicolons and lines, not inside quotes and brackets.

    A comma before a participle («органы, осуществляющие управление») belongs to its party.
    """
    clean = SHORTENED.sub("", AGREED.sub("", separate_brackets(text)))
    listed = BULLET.split(clean) if BULLET.match(clean) else [clean]
    parts = [part for one in listed for part in _glue(_cut(one))]
    named = [one for part in parts for one in INITIALS.split(part)]
    return tuple(stripped for one in named if (stripped := _stripped(one)))


def _stripped(party: str) -> str:
    """Take away what stands round a party; the full stop of «Иванова И.И.» is its own."""
    stripped = party.strip(" ,;").lstrip(".")
    return stripped if ENDS_SHORT.search(stripped) else stripped.rstrip(" .")


def separate_brackets(text: str) -> str:
    """Give each of two parties that share one bracket a bracket of its own."""
    return TWO_IN_ONE.sub(r"(далее - \g<first>), \g<second> (далее - \g<short>)", text)


def last_party(text: str) -> str:
    """Give the last party of a text, whole also where it holds a comma before a participle."""
    return _glue(_cut(text))[-1].strip(' «"')


def _cut(text: str) -> list[str]:
    """Cut a text at its outer separators."""
    depth, start, parts = 0, 0, []
    for place, char in enumerate(text):
        if char in "«(":
            depth += 1
        elif char in "»)":
            depth = max(0, depth - 1)
        elif char in ",;\n" and depth == 0:
            parts.append(text[start:place])
            start = place + 1
    return [*parts, text[start:]]


def _glue(parts: list[str]) -> list[str]:
    glued: list[str] = []
    for part in parts:
        if glued and PARTICIPLE.match(part):
            glued[-1] += f",{part}"
        else:
            glued.append(part)
    return glued


def part_missing_commas(rows: Iterable[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Part two executors printed without a comma, each known from other rows.

    «Отдел образования МКУ «Центр»», or two paragraphs of one cell in Word.
    """
    listed = list(rows)
    known = {party.casefold() for parties in listed for party in parties}
    return [tuple(one for party in parties for one in _parted(party, known)) for parties in listed]


def _parted(party: str, known: set[str]) -> tuple[str, ...]:
    if len(party) > LONGEST:
        return (party,)  # no two executors, but a text of another kind: trying every cut would take minutes
    for cut in FORMS.finditer(party):
        first, second = party[: cut.start()].strip(), party[cut.end() :].strip()
        if first.casefold() in known or second.casefold() in known:
            return first, second
    for cut in re.finditer(r"\s+", party):
        parts = party[: cut.start()], party[cut.end() :]
        if all(" " in part and part.casefold() in known for part in parts):
            return parts
    return (party,)
