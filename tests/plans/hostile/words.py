"""Word documents (docx) with what no order has: entities, storms of elements, links, programs."""

from functools import partial

from tests.plans.hostile.case import ORDER, READ, Hostile, hostile
from tests.plans.hostile.zips import PART, clean, packed, stuffed
from tests.plans.word import word_of

NS = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)
RELATIONS = "word/_rels/document.xml.rels"
LINK = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
MANY = 1_000_000


def paragraph(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def table(*rows: tuple[str, ...]) -> str:
    made = "".join(
        "<w:tr>" + "".join(f"<w:tc>{paragraph(c)}</w:tc>" for c in row) + "</w:tr>" for row in rows
    )
    return f"<w:tbl>{made}</w:tbl>"


PLAN = paragraph("План на 2023 год") + table(
    ("№", "Мероприятие", "Срок", "Ответственные"), ("1", "Семинар", "май 2023", "Школы")
)


def xml_of(body: str, doctype: str = "", attributes: str = "") -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{doctype}<w:document {NS} {attributes}>'
        f"<w:body>{body}{PLAN}</w:body></w:document>"
    ).encode()


def document(body: str = "", doctype: str = "", attributes: str = "", **parts: bytes) -> bytes:
    """Pack an order with something hostile before its plan, and with other parts by name («word__a»)."""
    named = {name.replace("__", "/"): content for name, content in parts.items()}
    return stuffed(clean() | {PART: xml_of(body, doctype, attributes)} | named)


def entities(*declared: str) -> str:
    return f"<!DOCTYPE d [{''.join(declared)}]>"


PASSWD = '<!ENTITY f SYSTEM "file:///etc/passwd">'
LAUGHS = "".join(
    ('<!ENTITY l0 "ха">', *(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))),
)


def xxe_in(part: str) -> bytes:
    """Put the entity of a file into another part than the text, before its first closing tag."""
    parts = clean()
    old = parts[part].decode()
    head, _, rest = old.partition("?>")
    at = rest.index("</")
    text = f"{head}?>{entities(PASSWD)}{rest[:at]}&f;{rest[at:]}"
    return packed(parts | {part: text.encode()})


def nested(tag: str, depth: int, inside: str = "") -> str:
    return f"<w:{tag}>" * depth + inside + f"</w:{tag}>" * depth


def in_tables(depth: int) -> str:
    return "<w:tbl><w:tr><w:tc>" * depth + paragraph("дно") + "</w:tc></w:tr></w:tbl>" * depth


def in_boxes(depth: int, wide: int) -> str:
    inner = paragraph("дно") * wide
    for _ in range(depth):
        inner = f"<w:p><w:r><w:t>x</w:t><w:txbxContent>{inner}</w:txbxContent></w:r></w:p>"
    return inner


def wide_cell(span: str) -> str:
    cell = f'<w:tc><w:tcPr><w:gridSpan w:val="{span}"/></w:tcPr>{paragraph("x")}</w:tc>'
    return f"<w:tbl><w:tr>{cell}</w:tr></w:tbl>"


def merged_down(rows: int) -> str:
    merged = f"<w:tr><w:tc><w:tcPr><w:vMerge/></w:tcPr>{paragraph('x')}</w:tc></w:tr>"
    return f"<w:tbl>{merged * rows}</w:tbl>"


def cells(count: int) -> str:
    return f"<w:tbl><w:tr>{'<w:tc><w:p/></w:tc>' * count}</w:tr></w:tbl>"


def related(kind: str, target: str, mode: str = ' TargetMode="External"', count: int = 1) -> bytes:
    old = clean()[RELATIONS].decode()
    made = "".join(
        f'<Relationship Id="x{n}" Type="{LINK}{kind}" Target="{target}"{mode}/>' for n in range(count)
    )
    return old.replace("</Relationships>", made + "</Relationships>").encode()


def linked(kind: str, target: str, count: int = 1) -> bytes:
    return packed(clean() | {RELATIONS: related(kind, target, count=count)})


def with_object() -> bytes:
    """Embed a program as an OLE object, and a second document."""
    return packed(
        clean()
        | {
            RELATIONS: related("oleObject", "embeddings/oleObject1.bin", ""),
            "word/embeddings/oleObject1.bin": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"MZ" * 5000,
            "word/embeddings/другой.docx": word_of(ORDER),
        }
    )


def list_of(text: str, lists: int, paragraphs: int) -> bytes:
    """Number paragraphs by lists each of which begins anew; ``text`` is printed before each."""
    numbering = (
        f'<w:numbering {NS}><w:abstractNum w:abstractNumId="1"><w:lvl w:ilvl="0"><w:start w:val="1"/>'
        f'<w:numFmt w:val="upperRoman"/><w:lvlText w:val="{text}"/></w:lvl></w:abstractNum>'
        + "".join(
            f'<w:num w:numId="{n}"><w:abstractNumId w:val="1"/><w:lvlOverride w:ilvl="0">'
            '<w:startOverride w:val="999999999"/></w:lvlOverride></w:num>'
            for n in range(lists)
        )
        + "</w:numbering>"
    )
    body = "".join(
        f'<w:p><w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="{n % lists}"/></w:numPr></w:pPr>'
        "<w:r><w:t>x</w:t></w:r></w:p>"
        for n in range(paragraphs)
    )
    return stuffed(clean() | {PART: xml_of(body), "word/numbering.xml": numbering.encode()})


def loop_of_parts() -> bytes:
    """Relate a document to itself."""
    return packed(clean() | {RELATIONS: related("aFChunk", "document.xml", "", 50)})


CASES: tuple[Hostile, ...] = (
    hostile(
        "F3: XXE of a file",
        "п.docx",
        lambda: document(paragraph("&f;"), entities(PASSWD)),
        READ,
        "Unreadable",
    ),
    hostile(
        "F3: XXE of an address",
        "п.docx",
        lambda: document(paragraph("&f;"), entities('<!ENTITY f SYSTEM "http://127.0.0.1:9/x">')),
        *(READ, "Unreadable"),
    ),
    *(
        hostile(f"F3: XXE in {part}", "п.docx", partial(xxe_in, part), READ, "Unreadable")
        for part in (
            "[Content_Types].xml",
            "word/_rels/document.xml.rels",
            "word/styles.xml",
            "docProps/core.xml",
        )
    ),
    hostile(
        "F3: parameter entities",
        "п.docx",
        lambda: document(
            paragraph("&all;"),
            entities(
                '<!ENTITY % file SYSTEM "file:///etc/passwd"><!ENTITY % dtd SYSTEM "http://127.0.0.1:9/e.dtd">%dtd;'
            ),
        ),
        *(READ, "Unreadable"),
    ),
    hostile(
        "F3: a definition from outside",
        "п.docx",
        lambda: document(doctype='<!DOCTYPE d SYSTEM "file:///etc/passwd">'),
        *(READ, "Unreadable"),
    ),
    hostile(
        "F3: billion laughs",
        "п.docx",
        lambda: document(paragraph("&l9;"), entities(LAUGHS)),
        *(READ, "Unreadable"),
    ),
    hostile(
        "F3: billion laughs in an attribute",
        "п.docx",
        lambda: document('<w:p w:rsidR="&l9;"/>', entities(LAUGHS)),
        "Unreadable",
    ),
    hostile(
        "F3: a long entity many times",
        "п.docx",
        lambda: document(paragraph("&a;" * 50_000), entities(f'<!ENTITY a "{"а" * 50_000}">')),
        *(READ, "Unreadable"),
    ),
    hostile(
        "F3: an entity that is itself",
        "п.docx",
        lambda: document(paragraph("&a;"), entities('<!ENTITY a "&b;"><!ENTITY b "&a;">')),
        *(READ, "Unreadable"),
    ),
    hostile(
        "XInclude of a file",
        "п.docx",
        lambda: document(
            '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd" parse="text"/>'
        ),
        READ,
    ),
    hostile("100,000 elements deep", "п.docx", lambda: document(nested("sdt", 100_000)), "Unreadable"),
    hostile("250 elements deep", "п.docx", lambda: document(nested("sdt", 240, paragraph("x"))), READ),
    hostile(
        "an attribute of 12 MB", "п.docx", lambda: document(f'<w:p w:x="{"a" * 12_000_000}"/>'), "Unreadable"
    ),
    hostile("a text of 12 MB", "п.docx", lambda: document(paragraph("a" * 12_000_000)), "Unreadable"),
    hostile("a text of 9 MB", "п.docx", lambda: document(paragraph("я" * 4_500_000)), READ),
    hostile(
        "100,000 attributes",
        "п.docx",
        lambda: document(attributes=" ".join(f'a{n}="1"' for n in range(100_000))),
        READ,
        "Unreadable",
    ),
    hostile(
        "a million paragraphs", "п.docx", lambda: document(paragraph("a") * MANY), "TooLarge", "Unreadable"
    ),
    hostile("a row of a million cells", "п.docx", lambda: document(cells(MANY)), READ, "TooLarge"),
    hostile("a cell over a milliard columns", "п.docx", lambda: document(wide_cell("1000000000")), READ),
    hostile(
        "a cell over 10^5000 columns", "п.docx", lambda: document(wide_cell("9" * 5000)), READ, "Unreadable"
    ),
    hostile("100,000 rows merged down", "п.docx", lambda: document(merged_down(100_000)), READ, "TooLarge"),
    hostile("tables 1,000 deep", "п.docx", lambda: document(in_tables(1000)), "Unreadable"),
    hostile("tables 80 deep", "п.docx", lambda: document(in_tables(80)), READ),
    hostile("text boxes within text boxes", "п.docx", lambda: document(in_boxes(60, 20_000)), READ),
    hostile("a number of a megabyte", "п.docx", lambda: list_of("%1" * 500_000, 1, 2000), READ),
    hostile(
        "50,000 lists that begin anew", "п.docx", lambda: list_of("%1", 50_000, 50_000), READ, "TooLarge"
    ),
    hostile(
        "a template from the network",
        "п.docx",
        lambda: linked("attachedTemplate", "http://127.0.0.1:9/a.dotm"),
        READ,
    ),
    hostile("a frame of a file", "п.docx", lambda: linked("frame", "file:///etc/passwd"), READ),
    hostile(
        "100,000 pictures from the network",
        "п.docx",
        lambda: linked("image", "http://127.0.0.1:9/", 100_000),
        READ,
    ),
    hostile(
        "a part that leads out of the file",
        "п.docx",
        lambda: packed(clean() | {RELATIONS: related("image", "../../../../etc/passwd", "")}),
        READ,
    ),
    hostile("a document that is a part of itself", "п.docx", loop_of_parts, READ),
    hostile("a program as an object", "п.docx", with_object, READ),
    hostile("F7: macros", "п.docx", lambda: packed(clean() | {"word/vbaProject.bin": b"x"}), "WrongFormat"),
    hostile(
        "fields that fetch and run",
        "п.docx",
        lambda: document(
            '<w:p><w:r><w:instrText>DDEAUTO c:\\\\windows\\\\cmd.exe "/k calc"</w:instrText></w:r>'
            "<w:r><w:instrText>INCLUDETEXT file:///etc/passwd</w:instrText></w:r></w:p>"
        ),
        READ,
    ),
)
