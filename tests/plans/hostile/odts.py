"""OpenDocument texts (odt, fodt) whose repetitions, lists and entities grow without end."""

from tests.plans.hostile.case import READ, Hostile, hostile
from tests.plans.hostile.words import LAUGHS, PASSWD, entities
from tests.plans.hostile.zips import packed, stuffed

NAME = "urn:oasis:names:tc:opendocument:xmlns:{}:1.0"
NS = " ".join(
    f'xmlns:{short}="{NAME.format(full)}"'
    for short, full in {
        "office": "office",
        "table": "table",
        "text": "text",
        "style": "style",
        "draw": "drawing",
        "script": "script",
    }.items()
)
LINK = 'xmlns:xlink="http://www.w3.org/1999/xlink"'
MIMETYPE = "application/vnd.oasis.opendocument.text"


def cell(text: str, attributes: str = "") -> str:
    return f"<table:table-cell {attributes}><text:p>{text}</text:p></table:table-cell>"


def row(*texts: str, attributes: str = "") -> str:
    return f"<table:table-row {attributes}>{''.join(map(cell, texts))}</table:table-row>"


def table(rows: str) -> str:
    return f"<table:table>{rows}</table:table>"


PLAN = "<text:p>План на 2023 год</text:p>" + table(
    row("№", "Мероприятие", "Срок", "Ответственные") + row("1", "Семинар", "май 2023", "Школы")
)


def content(body: str, doctype: str = "", before: str = "") -> bytes:
    return (
        f'<?xml version="1.0"?>{doctype}<office:document-content {NS} {LINK} office:mimetype="{MIMETYPE}">'
        f"{before}<office:body><office:text>{body}{PLAN}</office:text></office:body></office:document-content>"
    ).encode()


def odt(
    body: str = "", doctype: str = "", before: str = "", manifest: str = "", script: bytes = b""
) -> bytes:
    """Pack an order with something hostile before its plan."""
    listed = f'<manifest:manifest xmlns:manifest="{NAME.format("manifest")}">{manifest}</manifest:manifest>'
    parts = {"mimetype": MIMETYPE.encode(), "META-INF/manifest.xml": listed.encode()}
    parts |= {"Basic/Standard/Module1.xml": script} if script else {}
    return stuffed(parts | {"content.xml": content(body, doctype, before)})


def flat(body: str = "", doctype: str = "") -> bytes:
    whole = content(body, doctype).decode()
    return whole.replace("document-content", "document").encode()


def repeated(columns: int, rows: int, text: str = "x") -> str:
    one = cell(text, f'table:number-columns-repeated="{columns}"')
    return table(f'<table:table-row table:number-rows-repeated="{rows}">{one}</table:table-row>')


def in_tables(depth: int, rows: int) -> str:
    inner = "<text:p>дно</text:p>"
    for _ in range(depth):
        inner = table(
            row("a") * rows
            + f"<table:table-row><table:table-cell>{inner}</table:table-cell></table:table-row>"
        )
    return inner


def numbered(letters: int, items: int) -> bytes:
    """Print a text of so many letters before each item of a list."""
    style = (
        '<office:automatic-styles><text:list-style style:name="L"><text:list-level-style-number '
        f'text:level="1" style:num-format="1" style:num-prefix="{"a" * letters}"/>'
        "</text:list-style></office:automatic-styles>"
    )
    item = "<text:list-item><text:p>x</text:p></text:list-item>"
    return odt(f'<text:list text:style-name="L">{item * items}</text:list>', before=style)


def with_script() -> bytes:
    """Carry a macro, an event that starts it, and a section that is a file."""
    body = (
        '<office:event-listeners><script:event-listener script:language="Basic" script:event-name="dom:load" '
        'xlink:href="vnd.sun.star.script:Standard.Module1.Main?language=Basic"/></office:event-listeners>'
        '<text:section text:name="s"><text:section-source xlink:href="file:///etc/passwd"/></text:section>'
    )
    return odt(body, script=b"<module>Shell</module>")


CASES: tuple[Hostile, ...] = (
    hostile(
        "F3: XXE of a file in odt",
        "п.odt",
        lambda: odt("<text:p>&f;</text:p>", entities(PASSWD)),
        READ,
        "Unreadable",
    ),
    hostile(
        "F3: XXE of a file in fodt",
        "п.fodt",
        lambda: flat("<text:p>&f;</text:p>", entities(PASSWD)),
        READ,
        "Unreadable",
    ),
    hostile(
        "F3: billion laughs in odt",
        "п.odt",
        lambda: odt("<text:p>&l9;</text:p>", entities(LAUGHS)),
        READ,
        "Unreadable",
    ),
    hostile(
        "F3: billion laughs in an attribute of odt",
        "п.odt",
        lambda: odt('<text:p text:style-name="&l9;"/>', entities(LAUGHS)),
        "Unreadable",
    ),
    hostile("16,384 x 1,048,576 cells said once", "п.odt", lambda: odt(repeated(16384, 1048576)), "TooLarge"),
    hostile(
        "the same, of a long text", "п.odt", lambda: odt(repeated(16384, 19_000, "а" * 100_000)), "TooLarge"
    ),
    hostile(
        "a milliard blanks", "п.odt", lambda: odt('<text:p>a<text:s text:c="1000000000"/>b</text:p>'), READ
    ),
    hostile(
        "a milliard blanks many times",
        "п.odt",
        lambda: odt("<text:p>" + '<text:s text:c="1000000000"/>' * 100_000 + "</text:p>"),
        READ,
        "TooLarge",
    ),
    hostile("tables 60 deep, each a frame", "п.odt", lambda: odt(in_tables(60, 300)), READ),
    hostile(
        "sections 5,000 deep",
        "п.odt",
        lambda: odt("<text:section>" * 5000 + "</text:section>" * 5000),
        "Unreadable",
        "TooLarge",
    ),
    hostile("a number of a megabyte in odt", "п.odt", lambda: numbered(1_000_000, 3000), READ),
    hostile(
        "a million items of a list", "п.odt", lambda: numbered(1, 300_000), READ, "TooLarge", "Unreadable"
    ),
    hostile(
        "F7: a password in odt",
        "п.odt",
        lambda: odt(manifest="<manifest:file-entry><manifest:encryption-data/></manifest:file-entry>"),
        "Protected",
    ),
    hostile("a script and a section that is a file", "п.odt", with_script, READ),
    hostile("odt without its text", "п.odt", lambda: packed({"mimetype": MIMETYPE.encode()}), "Unreadable"),
)
