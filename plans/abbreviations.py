"""Abbreviations of an order: «… (далее – ОО)», the short form and the words it stands for."""

import re
from collections.abc import Iterable, Iterator, Mapping

from rapidfuzz.distance import OSA, Levenshtein

from plans.grid import Grid, TextBlock
from plans.nominative import in_first_case
from plans.parties import last_party, separate_brackets

DEFINED = re.compile(
    r"\(\s*(?:именуем\w+\s+)?(?:в\s+)?далее\s*[-–—:]?\s*(?P<short>[^()]{1,40}?)\s*\)", re.IGNORECASE
)
FURTHER = "далее"
ABBREVIATION = re.compile(r"[А-ЯЁ]{2,}[А-ЯЁ\w-]*")
USED = re.compile(r"\b[А-ЯЁ]{2,}\b")
BRACKETS = re.compile(r"\([^()]*\)")
CLAUSE = re.compile(r"(?<![А-ЯЁ])[.;:]\s+|\n")  # «Л. И. Иванова» is no end of a clause
LEGAL_CAPITALS = re.compile(r"(?:[А-ЯЁ]{2,}\s+)*$")
LONGEST = 300  # characters before a bracket that can be what it shortens
LONG_ENOUGH = 5  # letters of an abbreviation in which a misprint can be told from another one
SWAPPED_ENOUGH = 4  # and two letters that have changed places
COMMON = frozenset(
    (
        *("ОО", "ОУ", "ОМО", "РМО", "ШМО", "ГМО", "ММО", "МО", "МС", "ММС", "РУО", "УО", "ГИА"),
        *("СОШ", "ООШ", "НОШ", "ДОУ", "ДОО", "МОУ", "МБОУ", "МАОУ", "МКОУ", "ОГЭ", "ЕГЭ", "ВПР"),
        *("ПМПК", "КДН", "УВР", "ВР", "ШНОР", "ШНСУ", "ИМЦ", "ММЦ", "ЦНППМ", "СМИ"),
    )
)  # what every school office means by them
# What they stand for, where an order takes them for known.
WELL_KNOWN = {"ОО": "образовательные организации", "ОУ": "образовательные учреждения"}


def printed_abbreviations(grid: Grid) -> dict[str, str]:
    """Collect what the order itself defines, tables included."""
    found: dict[str, str] = {}
    for text in (text for text in _pieces(grid) if FURTHER in text.casefold()):
        separate = separate_brackets(text)
        for match in DEFINED.finditer(separate):
            short = _mended(match["short"].strip(' «»"'), grid)
            if ABBREVIATION.fullmatch(short) and short not in found:
                found[short] = _long_form(separate[: match.start()][-LONGEST:], short)
    return {short: words for short, words in found.items() if words}


def understood_abbreviations(printed: Mapping[str, str], parties: Iterable[str]) -> dict[str, str]:
    """Add what the executors' column takes for known: general ones, and misprints of defined ones."""
    found = {short: in_first_case(words) for short, words in printed.items()}
    for used in dict.fromkeys(short for party in parties for short in USED.findall(party)):
        if used in found:
            continue
        like = misprinted(used, printed)
        if like is not None:
            found[used] = found[like]
        elif used in WELL_KNOWN:
            found[used] = WELL_KNOWN[used]
    return found


def misprinted(short: str, printed: Iterable[str]) -> str | None:
    """Give the defined abbreviation that ``short`` is a misprint of; None if of none.

    One letter is wrong, wanting or too many, or two neighbours have changed places.
    """
    known = list(printed)
    swapped = (one for one in known if len(short) >= SWAPPED_ENOUGH and _swapped(one, short))
    if (found := next(swapped, None)) is not None or len(short) < LONG_ENOUGH:
        return found
    return next((one for one in known if Levenshtein.distance(one, short, score_cutoff=1) == 1), None)


def _swapped(one: str, other: str) -> bool:
    return one != other and sorted(one) == sorted(other) and OSA.distance(one, other, score_cutoff=1) == 1


def _mended(short: str, grid: Grid) -> str:
    """Drop a hyphen left over from a line break, where the file has the abbreviation without it."""
    whole = short.replace("-", "")
    cut = whole != short and re.search(rf"\b{re.escape(whole)}\b", grid.everything) is not None
    return whole if cut else short


def _long_form(before: str, short: str) -> str:
    """Find the words that a bracket shortens: a quoted name, else the words whose letters it takes."""
    clause = CLAUSE.split(BRACKETS.sub("", before))[-1].rstrip(" ,–—-")
    if clause.endswith("»") and (opened := _opening(clause)) is not None:
        return clause[_party_start(clause, opened) :]
    words = list(re.finditer(r"[^\W\d_]+", clause))
    for place in range(len(words) - 1, -1, -1):
        if _spells(short, [word[0] for word in words[place:]]):
            return clause[words[place].start() :].strip(' »"')
    return last_party(clause)


def _opening(clause: str) -> int | None:
    """Give the place of the quote that the last one closes; the outer one of two."""
    depth = 0
    for place in range(len(clause) - 1, -1, -1):
        depth += (clause[place] == "»") - (clause[place] == "«")
        if depth == 0:
            return place
    return None


def _party_start(clause: str, opened: int) -> int:
    """Go back from a quoted name over its legal form: «ГАОУ ДПО ВО «Институт…»»."""
    form = LEGAL_CAPITALS.search(clause[:opened])
    return form.start() if form is not None else opened


def _spells(short: str, words: list[str]) -> bool:
    """Tell whether the letters of ``short`` are, in order, first letters of the words, the first one too."""
    letters = [letter for letter in short.casefold() if letter.isalpha()]
    firsts = [word[0].casefold() for word in words]
    if not firsts or firsts[0] != letters[0]:
        return False
    rest = iter(firsts)
    return all(letter in rest for letter in letters)


def _pieces(grid: Grid) -> Iterator[str]:
    for block in grid.blocks:
        if isinstance(block, TextBlock):
            yield block.joined
        else:
            yield from (cell.text for row in block.rows for cell in row if cell.text)
