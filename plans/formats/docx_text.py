"""The words of a paragraph of Word: what would be printed of it, all changes accepted."""

import re
from dataclasses import dataclass, field

from lxml import etree

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
ALTERNATE, CHOICE, FALLBACK = f"{MC}AlternateContent", f"{MC}Choice", f"{MC}Fallback"
RUN, TEXT, FIELD, SYMBOL, BOX = (f"{W}{name}" for name in ("r", "t", "fldChar", "sym", "txbxContent"))
CONTROL = f"{W}sdt"
SAID = frozenset((TEXT, f"{MATH}t"))
SIGNS = {
    **{f"{W}{name}": "  " for name in ("tab", "ptab")},  # as wide as what parts the cells of a typed table
    **{f"{W}{name}": "\n" for name in ("br", "cr")},
    f"{W}noBreakHyphen": "-",
}
UNSAID = frozenset(
    (
        *(f"{W}{name}" for name in ("pPr", "rPr", "sdtPr", "sdtEndPr", "ffData", "fldData", "rt")),
        *(f"{W}{name}" for name in ("del", "moveFrom", "delText", "instrText", "delInstrText")),
        FALLBACK,
    )
)
OF_RUN, HIDDEN = f"{W}rPr", f"{W}vanish"
PLACEHOLDER = f"{W}sdtPr/{W}showingPlcHdr"  # «Место для ввода текста»
GONE = tuple(f"{W}pPr/{W}rPr/{W}{name}" for name in ("del", "moveFrom"))
OFF = frozenset(("0", "false", "off"))
INVISIBLE = re.compile("[\u00ad\u200b-\u200d\u2060\ufeff]")
PRIVATE = range(0xF000, 0xF100)  # signs of a font of its own
FONT = "Symbol"
OF_FONT = {0xA3: "≤", 0xB3: "≥", 0xB0: "°", 0xB1: "±", 0xB4: "×", 0xB9: "≠", 0xBB: "≈", 0x2D: "-", 0xBE: "–"}
AS_TYPED = frozenset("%()+./0123456789:;<=>[]_{|}")  # signs this font writes as any other
HIGHEST = 0x10FFFF


@dataclass(slots=True)
class Words:
    """What a paragraph says, and the text boxes that hang on it: at its beginning or further on."""

    parts: list[str] = field(default_factory=list)
    above: list[etree._Element] = field(default_factory=list)
    below: list[etree._Element] = field(default_factory=list)
    codes: list[bool] = field(default_factory=list)  # of the fields that are open: is this their code?

    @property
    def text(self) -> str:
        """The words, lines parted by newlines."""
        return INVISIBLE.sub("", "".join(self.parts)).strip()

    def hang(self, box: etree._Element) -> None:
        """Take a text box (the stamp of an approval often is one)."""
        (self.below if self.text else self.above).append(box)

    def mark(self, kind: str | None) -> None:
        """Pass the beginning of a field, of its result, or its end."""
        if kind == "begin":
            self.codes.append(True)
        elif kind == "separate" and self.codes:
            self.codes[-1] = False
        elif kind == "end" and self.codes:
            self.codes.pop()

    def say(self, text: str | None) -> None:
        """Take a piece of text; the code of a field is not printed."""
        if text and not (self.codes and any(self.codes)):
            self.parts.append(text)


def words_of(paragraph: etree._Element) -> Words:
    """Collect the words of a paragraph."""
    words = Words()
    _collect(paragraph, words)
    return words


def is_gone(paragraph: etree._Element) -> bool:
    """Tell a paragraph whose end was deleted or moved away: when it says nothing, it is none."""
    return any(paragraph.find(path) is not None for path in GONE)


def is_on(mark: etree._Element | None) -> bool:
    """Tell whether a property is there, and not switched off."""
    return mark is not None and mark.get(f"{W}val") not in OFF


def alternative(element: etree._Element) -> etree._Element | None:
    """Choose one of the ways in which a thing is stored: the first that has words."""
    ways = [*element.iterchildren(CHOICE), *element.iterchildren(FALLBACK)]
    return next((way for way in ways if next(way.iter(TEXT), None) is not None), None)


def _collect(parent: etree._Element, words: Words) -> None:
    for node in parent:
        tag = node.tag
        if tag in UNSAID:
            continue
        if tag in SAID:
            words.say(node.text)
        elif tag == RUN:
            properties = node.find(OF_RUN)
            if properties is None or not is_on(properties.find(HIDDEN)):
                _collect(node, words)
        elif tag in SIGNS:
            words.say(SIGNS[tag])
        else:
            _collect_other(node, words)


def _collect_other(node: etree._Element, words: Words) -> None:
    if node.tag == FIELD:
        words.mark(node.get(f"{W}fldCharType"))
    elif node.tag == SYMBOL:
        words.say(_symbol(node))
    elif node.tag == BOX:
        words.hang(node)
    elif node.tag == ALTERNATE:
        chosen = alternative(node)
        if chosen is not None:
            _collect(chosen, words)
    elif node.tag != CONTROL or not is_on(node.find(PLACEHOLDER)):
        _collect(node, words)


def _symbol(node: etree._Element) -> str:
    """Give a sign that was put in from a table of signs; pictures of a font are none."""
    try:
        code = int(node.get(f"{W}char", ""), 16)
    except ValueError:
        return " "
    if code in PRIVATE and node.get(f"{W}font") == FONT:
        sign = chr(code - PRIVATE.start)
        return OF_FONT.get(code - PRIVATE.start) or (sign if sign in AS_TYPED else " ")
    sign = chr(code) if 0 < code <= HIGHEST else " "
    return sign if sign.isprintable() else " "
