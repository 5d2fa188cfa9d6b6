"""The shapes that figures have among the marks of an answer: «n из m», «n/m», «из m … n», «p %»."""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from plans.answers.marks import ALL, HOLDERS, NOBODY, NOT, NUMBER, ON, QUESTION, VETO, WORD, Mark

Count = tuple[Decimal, Decimal]  # how many, of how many
Share = tuple[Decimal, int | None]  # percent, and of how many where it was said

MOST_WORDS = 6  # of an answer that is one number, or «15/24» with words
DAYS, MONTHS = 31, 12

_ASSENT = re.compile(
    r"участв|прош|прох|обуч|был|присутств|сдал|сдав|посе[тщ]|выполн|сдела|яви|приш|приня|подтверд"
)
_REACHED = re.compile(r"выполн|готов|сдела|реализ|охват|охвач|обуч|заверш|исполн")
_ROUGH = frozenset({"человек", "человека", "штук"})  # «человек двадцать» are about twenty


def is_certain(marks: Sequence[Mark]) -> bool:
    """Whether nothing is doubted, planned, asked or denied; «никто из 24 не участвовал» denies it once."""
    signs = {mark.sign for mark in marks}
    if VETO in signs or QUESTION in signs:
        return False
    denied = [at for at, mark in enumerate(marks) if mark.sign == NOT]
    return not denied or (NOBODY in signs and all(_is_said_twice(marks, at) for at in denied))


def _is_said_twice(marks: Sequence[Mark], at: int) -> bool:
    """«не участвовал», but not «не отказался»."""
    return marks[at].text == "не" and at + 1 < len(marks) and bool(_ASSENT.match(marks[at + 1].text))


# Shapes; the letters are the signs of ``marks``.

_BEFORE = r"(?<![nfdrqoNI])"
_AFTER = r"(?![nfdrx%/I])(?!-[nf](?!%)|&[nf]|,[nf]c)"  # «из 5 и 6 классов»
_OF = r"I[gA]{0,2}"
_DIRECT = re.compile(rf"{_BEFORE}([nf])([wcsp&]{{0,4}})\(?{_OF}([nf])(?!s){_AFTER}")
_SLASHED = re.compile(rf"(?<!/){_BEFORE}([nf])/([nf])(?!s){_AFTER}")
_REVERSED = re.compile(rf"{_BEFORE}{_OF}([nf])(?!s)(?:[wcsp&]{{0,3}}[wcs][,:-]?|[,:-])([nf]){_AFTER}")
_OF_THEM = re.compile(rf"{_BEFORE}([nf])[wcsp&]{{0,4}}[,.:(-]{{0,2}}IH[:-]?[wcs]{{0,2}}([nf]){_AFTER}")
_EVERY = re.compile(rf"(?<![IgqN])Ag{{0,2}}([nf]){_AFTER}")
_NONE_OF = re.compile(rf"Z{_OF}([nf])(?!s){_AFTER}")
_SHARE = re.compile(rf"(?<![nfdrqNI])([nfd])%(?!%)(?:[wc]{{0,2}}[IO][gA]{{0,2}}(n)(?!s){_AFTER})?")
_LISTED = re.compile(r"[nfdr](?:[,-]|[wcs]{0,3}&)$")  # «15, 16 из 24», «50 - 60 %»
_LEFT_OVER = re.compile(r"I[gA]{0,2}[nfdr]|/[nf]|[rx]%")  # half a figure
_NUMBERS = re.compile(r"[nfdr]")


def counts_in(marks: Sequence[Mark]) -> set[Count | None]:
    """Return the figures «n of m»; None among them is something of that shape which may be another thing.

    «15 из 24» and «15/24» stand beside other numbers; the looser shapes need a text that has none.
    """
    row = "".join(mark.sign for mark in marks)
    found = set(_direct(marks, row)) | set(_slashed(marks, row))
    row = _without(row, _DIRECT, _SLASHED)
    numbers = len(_NUMBERS.findall(_without(row, _SHARE)))
    for shape, needed in ((_REVERSED, 2), (_OF_THEM, 2), (_EVERY, 1), (_NONE_OF, 1)):
        for match in shape.finditer(row):
            doubtful = (
                numbers > needed
                or (shape is _REVERSED and HOLDERS in match[0])  # «из 24 школ 15» may be people
                or (shape is _OF_THEM and not _are_of_all(marks, match))
            )
            found.add(None if doubtful else _loose(marks, match, shape))
    if _LEFT_OVER.search(_without(row, _REVERSED, _OF_THEM, _NONE_OF, _SHARE)):
        found.add(None)
    return found


def shares_in(marks: Sequence[Mark]) -> set[Share | None]:
    """Return the figures in percent; a change («на 5 %») is none, «выполнено на 62 %» is one."""
    row = _without("".join(mark.sign for mark in marks), _DIRECT, _SLASHED)
    found: set[Share | None] = set()
    for match in _SHARE.finditer(row):
        before = match.start() - 1
        is_change = before >= 0 and row[before] == ON and not _is_reached(marks, before - 1)
        is_listed = _LISTED.search(row, 0, match.start()) is not None
        base = int(marks[match.start(2)].value) if match[2] else None
        found.add(None if is_change or is_listed else (marks[match.start(1)].value, base))
    return found


def is_bare_number(marks: Sequence[Mark]) -> Mark | None:
    """Return the mark of the one number in a short answer with nothing doubtful in it."""
    row = "".join(mark.sign for mark in marks)
    at = row.find(NUMBER)
    if not _BARE.fullmatch(row) or len(re.findall(r"[wcsp&]", row)) > MOST_WORDS or _is_rough(marks, at):
        return None
    return marks[at]


# «в 24» and «из 24 школы» name a school or a room.
_BARE = re.compile(r"(?!.*pn)(?!.*I[gA]*ns)[wcspgIOA&,.:()-]*n[wcsg&,.:()p-]*")


def _without(row: str, *shapes: re.Pattern[str]) -> str:
    """Blank what the shapes cover; places stay where they were."""
    for shape in shapes:
        row = shape.sub(lambda match: "_" * len(match[0]), row)
    return row


def _direct(marks: Sequence[Mark], row: str) -> Iterator[Count | None]:
    for match in _DIRECT.finditer(row):
        part, base = match.start(1), match.start(3)
        doubtful = (
            _LISTED.search(row, 0, match.start()) is not None
            or _is_rough(marks, part)
            or _are_other_things(marks[match.start(2) : match.end(2)], marks[base + 1 : base + 4])
            or (row.endswith(ALL, 0, match.start()) and marks[part].value != marks[base].value)
        )
        yield None if doubtful else (marks[part].value, marks[base].value)


def _slashed(marks: Sequence[Mark], row: str) -> Iterator[Count | None]:
    """«5/12» may be a date and «2/3» a share, but as a whole answer; in a long text it may be an address."""
    words = len(re.findall(r"[wcspx]", row))
    for match in _SLASHED.finditer(row):
        part, base = marks[match.start(1)].value, marks[match.start(2)].value
        may_be_date = 1 <= part <= DAYS and 1 <= base <= MONTHS
        doubtful = words or part > base if may_be_date else words > MOST_WORDS
        yield None if doubtful else (part, base)


def _loose(marks: Sequence[Mark], match: re.Match[str], shape: re.Pattern[str]) -> Count:
    base = marks[match.start(1)].value
    if shape is _EVERY:
        return base, base
    return (Decimal(0), base) if shape is _NONE_OF else (marks[match.start(2)].value, base)


def _are_of_all(marks: Sequence[Mark], match: re.Match[str]) -> bool:
    """«24 педагога, из них 15 обучены»; neither «участвовали 24, из них…» nor «из них 15 женщин»."""
    before, after = marks[: match.start(1)], marks[match.end() : match.end() + 1]
    if any(_is_deed(mark) for mark in before):
        return False
    return all(mark.sign != WORD or _is_deed(mark) for mark in after)


def _is_deed(mark: Mark) -> bool:
    return bool(_ASSENT.match(mark.text) or _REACHED.match(mark.text))


def _are_other_things(counted: Sequence[Mark], following: Sequence[Mark]) -> bool:
    """«15 учеников из 24 школ»: pupils are no part of schools; «15 из 24 школ» are."""
    holders: set[str] = set()
    for mark in following:
        if mark.sign == HOLDERS:
            holders.add(mark.text[:4])
        elif mark.sign != WORD:
            break
    return bool(counted and holders) and not holders & {mark.text[:4] for mark in counted}


def _is_rough(marks: Sequence[Mark], at: int) -> bool:
    return at > 0 and marks[at - 1].text in _ROUGH


def _is_reached(marks: Sequence[Mark], at: int) -> bool:
    return at >= 0 and bool(_REACHED.match(marks[at].text))
