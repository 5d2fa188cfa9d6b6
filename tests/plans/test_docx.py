"""Word documents as many programs and many hands make them."""

import io
import zipfile
from collections.abc import Mapping, Sequence

import pytest
from docx import Document

from plans.formats import read_grid
from plans.formats.stretched import MOST_ROWS
from plans.grid import Cell, TableBlock
from plans.plan import TooLarge, Unreadable
from plans.read import read_plan
from tests.plans.portable import converted
from tests.plans.saved_orders import ORDERS, expected, office, plan_of
from tests.plans.test_golden import differing, heads_differing
from tests.plans.word import saved, with_part, word_of

USUAL = "http://schemas.openxmlformats.org"
NAMES = (
    f'xmlns:w="{USUAL}/wordprocessingml/2006/main" '
    f'xmlns:r="{USUAL}/officeDocument/2006/relationships" '
    f'xmlns:m="{USUAL}/officeDocument/2006/math" '
    f'xmlns:mc="{USUAL}/markup-compatibility/2006" '
    'xmlns:v="urn:schemas-microsoft-com:vml"'
)
MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
TEMPLATE = "application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml"
PACKAGE = f"{USUAL}/package/2006"
OFFICE_NAMES = f"{USUAL}/officeDocument/2006/relationships"


def document(
    body: str,
    *,
    related: Mapping[str, tuple[str, bytes]] | None = None,
    kind: str = MAIN,
    strict: bool = False,
) -> bytes:
    """Pack a body and the parts it names: by target, what for and their bytes."""
    parts = related or {}
    rels = "".join(
        f'<Relationship Id="{what}{n}" Type="{OFFICE_NAMES}/{what}" Target="{target}"/>'
        for n, (target, (what, _)) in enumerate(parts.items())
    )
    texts = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"><Override '
        f'PartName="/word/document.xml" ContentType="{kind}"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="a" '
        f'Type="{OFFICE_NAMES}/officeDocument" Target="word/document.xml"/></Relationships>',
        "word/_rels/document.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">{rels}'
        "</Relationships>",
        "word/document.xml": f"<w:document {NAMES}><w:body>{body}</w:body></w:document>",
    }
    if strict:
        texts = {name: strictly(text) for name, text in texts.items()}
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, text in texts.items():
            packed.writestr(name, text)
        for target, (_, part) in parts.items():
            packed.writestr(f"word/{target}", part)
    return made.getvalue()


def strictly(text: str) -> str:
    """Write the names as Word's «Strict Open XML» does."""
    for usual, strict in (
        ("wordprocessingml/2006/main", "wordprocessingml/main"),
        ("officeDocument/2006/relationships", "officeDocument/relationships"),
        ("officeDocument/2006/math", "officeDocument/math"),
    ):
        text = text.replace(f"{USUAL}/{usual}", f"http://purl.oclc.org/ooxml/{strict}")
    return text


def lists(*parts: str) -> dict[str, tuple[str, bytes]]:
    """Make the part with the lists."""
    return {"numbering.xml": ("numbering", f"<w:numbering {NAMES}>{''.join(parts)}</w:numbering>".encode())}


def run(text: str, properties: str = "") -> str:
    return f"<w:r><w:rPr>{properties}</w:rPr><w:t>{text}</w:t></w:r>"


def paragraph(*parts: str, properties: str = "") -> str:
    inner = "".join(part if part.startswith("<") else run(part) for part in parts)
    return f"<w:p><w:pPr>{properties}</w:pPr>{inner}</w:p>"


def item(text: str, level: int = 0, number: int = 1) -> str:
    properties = f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>'
    return paragraph(text, properties=properties) if text else paragraph(properties=properties)


def cell(text: str = "", properties: str = "", inner: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{inner or paragraph(text)}</w:tc>"


def row(*cells: str, properties: str = "") -> str:
    inner = "".join(part if part.startswith("<") else cell(part) for part in cells)
    return f"<w:tr><w:trPr>{properties}</w:trPr>{inner}</w:tr>"


def span(columns: int) -> str:
    return f'<w:gridSpan w:val="{columns}"/>'


def table(*rows: str) -> str:
    return f"<w:tbl>{''.join(rows)}</w:tbl>"


def level(place: int, form: str, text: str, more: str = "", start: int = 1) -> str:
    return (
        f'<w:lvl w:ilvl="{place}"><w:start w:val="{start}"/><w:numFmt w:val="{form}"/>{more}'
        f'<w:lvlText w:val="{text}"/></w:lvl>'
    )


def abstract(number: int, *levels: str) -> str:
    return f'<w:abstractNum w:abstractNumId="{number}">{"".join(levels)}</w:abstractNum>'


def listed(number: int, of: int, more: str = "") -> str:
    return f'<w:num w:numId="{number}"><w:abstractNumId w:val="{of}"/>{more}</w:num>'


def said(body: str, related: Mapping[str, tuple[str, bytes]] | None = None) -> list[str]:
    grid = read_grid(document(body, related=related), "приказ.docx")
    return [block.text for block in grid.texts]


def tables(body: str) -> list[list[list[str]]]:
    blocks = read_grid(document(body), "приказ.docx").blocks
    return [
        [[one.text for one in cells] for cells in block.rows]
        for block in blocks
        if isinstance(block, TableBlock)
    ]


def box(*paragraphs: str) -> str:
    inner = f"<w:txbxContent>{''.join(paragraphs)}</w:txbxContent>"
    return f"<w:pict><v:shape><v:textbox>{inner}</v:textbox></v:shape></w:pict>"


@pytest.mark.parametrize(
    ("inner", "words"),
    [
        ("<w:r><w:t>Сен</w:t><w:softHyphen/><w:t>тябрь</w:t></w:r>", "Сентябрь"),
        (run("Сен\u00adтябрь"), "Сентябрь"),
        ("<w:r><w:t>научно</w:t><w:noBreakHyphen/><w:t>методический</w:t></w:r>", "научно-методический"),
        ('<w:r><w:sym w:font="Symbol" w:char="F0B3"/><w:t> 60 %</w:t></w:r>', "≥ 60 %"),
        ('<w:r><w:sym w:font="Times New Roman" w:char="2116"/><w:t> 5</w:t></w:r>', "№ 5"),
        ('<w:r><w:sym w:font="Wingdings" w:char="F0FC"/><w:t>да</w:t></w:r>', "да"),
        ('<w:r><w:sym w:font="Symbol" w:char="ещё"/><w:t>да</w:t></w:r>', "да"),
        ("<m:oMath><m:r><m:t>≥60</m:t></m:r></m:oMath>", "≥60"),
        ('<w:fldSimple w:instr="DATE">' + run("май") + "</w:fldSimple>", "май"),
        ('<w:hyperlink r:id="x">' + run("ссылка") + "</w:hyperlink>", "ссылка"),
        (f"<w:ruby><w:rt>{run('чтение')}</w:rt><w:rubyBase>{run('слово')}</w:rubyBase></w:ruby>", "слово"),
        (run("май") + run("тайное", "<w:vanish/>") + run(" явное", '<w:vanish w:val="0"/>'), "май явное"),
        (run("май") + '<w:r><w:footnoteReference w:id="2"/><w:commentReference w:id="1"/></w:r>', "май"),
        ("<w:sdt><w:sdtContent>" + run("из списка") + "</w:sdtContent></w:sdt>", "из списка"),
    ],
)  # fmt: skip
def test_a_paragraph_says_what_is_printed(inner: str, words: str) -> None:
    assert said(paragraph(inner)) == [words]


def test_the_code_of_a_field_is_left_out_with_the_fields_inside_it_and_its_result_kept() -> None:
    def mark(kind: str) -> str:
        return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'

    def code(text: str) -> str:
        return f"<w:r><w:instrText>{text}</w:instrText></w:r>"

    inside = f"{mark('begin')}{code('MERGEFIELD a')}{mark('separate')}{run('1')}{mark('end')}"
    field = (
        f"{mark('begin')}{code('IF ')}{inside}{code(' = 1')}{mark('separate')}{run('15 мая')}{mark('end')}"
    )
    assert said(paragraph("до ", field, " 2026 года")) == ["до 15 мая 2026 года"]


def test_what_was_deleted_or_moved_away_is_not_read_and_what_was_put_in_is() -> None:
    gone = paragraph(
        "<w:del><w:r><w:delText>Старый</w:delText></w:r></w:del>", properties="<w:rPr><w:del/></w:rPr>"
    )
    away = paragraph(f"<w:moveFrom>{run('Второй')}</w:moveFrom>", properties="<w:rPr><w:moveFrom/></w:rPr>")
    here = paragraph(f"<w:moveTo>{run('Второй')}</w:moveTo>", properties="<w:rPr><w:moveTo/></w:rPr>")
    kept = table(
        row("1", "Семинар"),
        row("2", "Урок", properties='<w:del w:id="1"/>'),
        row("3", "Сбор", properties='<w:ins w:id="2"/>'),
    )
    body = f"{gone}{away}{paragraph('Первый')}{here}{kept}"
    assert said(body) == ["Первый", "Второй"]
    assert tables(body) == [[["1", "Семинар"], ["3", "Сбор"]]]


def test_a_deleted_item_of_a_list_takes_no_number() -> None:
    numbered = '<w:numPr><w:numId w:val="1"/></w:numPr>'
    gone = paragraph(
        "<w:del><w:r><w:delText>Старый</w:delText></w:r></w:del>",
        properties=f"{numbered}<w:rPr><w:del/></w:rPr>",
    )
    related = lists(abstract(0, level(0, "decimal", "%1.")), listed(1, 0))
    assert said(f"{item('Первый')}{gone}{item('Второй')}", related) == ["1. Первый", "2. Второй"]


def test_a_content_control_that_only_asks_for_words_is_empty() -> None:
    asked = "<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>{}</w:sdtContent></w:sdt>"
    inline = paragraph("Срок: ", asked.format(run("Место для ввода даты.")))
    assert said(inline + asked.format(paragraph("Место для ввода текста."))) == ["Срок:"]


def test_content_controls_stand_around_rows_and_cells() -> None:
    control = "<w:sdt><w:sdtPr/><w:sdtContent>{}</w:sdtContent></w:sdt>"
    rows = row("1", control.format(cell("Семинар"))) + control.format(row("2", "Урок"))
    assert tables(table(rows)) == [[["1", "Семинар"], ["2", "Урок"]]]


def test_a_stamp_in_a_text_box_stands_before_the_paragraph_it_hangs_on() -> None:
    stamp = box(paragraph("УТВЕРЖДЁН"), paragraph("приказом от 01.09.2026 № 5"))
    assert said(paragraph(stamp, "План мероприятий")) == [
        *("УТВЕРЖДЁН", "приказом от 01.09.2026 № 5", "План мероприятий"),
    ]
    assert said(paragraph("План", stamp, " мероприятий"))[0] == "План мероприятий"


def test_a_table_in_a_text_box_is_a_table() -> None:
    assert tables(paragraph(box(table(row("1", "Семинар"))))) == [[["1", "Семинар"]]]


def test_of_two_ways_to_store_a_thing_the_first_with_words_is_read() -> None:
    ways = "<mc:AlternateContent><mc:Choice>{}</mc:Choice><mc:Fallback>{}</mc:Fallback></mc:AlternateContent>"
    stamp = box(paragraph("Согласовано"))
    for first, second in ((stamp, stamp), ("<w:drawing/>", stamp)):
        assert said(paragraph(ways.format(f"<w:r>{first}</w:r>", f"<w:r>{second}</w:r>"))) == ["Согласовано"]
    assert said(ways.format(paragraph("Новый"), paragraph("Старый"))) == ["Новый"]


def test_a_side_moved_by_a_hair_in_one_row_shifts_no_cells() -> None:
    even = row(cell("1", span(2)), "Семинар", "май")
    moved = row("2", cell("Урок", span(2)), "июнь")
    pushed = row("2", "Урок", "июнь", properties='<w:gridBefore w:val="1"/>')
    for other in (moved, pushed):
        assert tables(table(even, other)) == [[["1", "Семинар", "май"], ["2", "Урок", "июнь"]]]


def test_a_row_may_begin_later_and_end_earlier_than_the_others() -> None:
    short = row("Семинар", properties='<w:gridBefore w:val="1"/><w:gridAfter w:val="1"/>')
    (block,) = read_grid(document(table(row("1", "Урок", "май"), short)), "приказ.docx").blocks
    assert isinstance(block, TableBlock)
    assert block.rows[1] == (Cell(beside=True), Cell("Семинар"), Cell(beside=True))


def test_cells_merged_in_the_old_way_are_one_cell() -> None:
    merged = row(cell("Раздел 1", '<w:hMerge w:val="restart"/>'), cell("старое", "<w:hMerge/>"), "май")
    assert tables(table(row("1", "Урок", "май"), merged))[0][1] == ["Раздел 1", "", "май"]


def test_a_cell_that_goes_on_from_nowhere_keeps_its_text() -> None:
    assert tables(table(row(cell("1", "<w:vMerge/>"), "Урок"), row("2", "Сбор")))[0][0] == ["1", "Урок"]


BEGUN, GOING_ON = '<w:vMerge w:val="restart"/>', cell(properties="<w:vMerge/>")
HEADED = (
    row(
        *(cell(text, BEGUN) for text in ("№", "Мероприятие")),
        cell("Сроки", span(2)),
        cell("Ответственные", BEGUN),
    ),
    row(GOING_ON, GOING_ON, "начало", "окончание", GOING_ON),
)


def test_headings_merged_over_two_rows_name_both_dates() -> None:
    rows = (
        row("1", "Семинар", "01.09.2026", "15.09.2026", "ОО"),
        row("2", "Урок", "01.10.2026", "02.10.2026", "ОО"),
    )
    plan = read_plan(document(table(*HEADED, *rows)), "приказ.docx")
    assert [(one.number, one.title, one.deadline_text) for one in plan.rows] == [
        ("1", "Семинар", "01.09.2026 – 15.09.2026"),
        ("2", "Урок", "01.10.2026 – 02.10.2026"),
    ]


def test_a_table_for_the_layout_gives_the_longer_table_in_it() -> None:
    inner = table(row("1", "Семинар"), row("2", "Урок"))
    body = table(row(cell(inner=paragraph("План") + inner + paragraph())))
    assert said(body) == ["План"]
    assert tables(body) == [[["1", "Семинар"], ["2", "Урок"]]]


def test_a_small_table_in_a_cell_is_words_of_the_cell() -> None:
    inner = cell(inner=paragraph("ОО:") + table(row("№ 1", "№ 2")))
    assert tables(table(row("1", inner), row("2", "Урок")))[0] == [["1", "ОО: № 1 № 2"], ["2", "Урок"]]


FORMS = [
    ("decimal", "%1)", ["1)", "2)", "3)"]),
    ("upperRoman", "%1.", ["I.", "II.", "III."]),
    ("lowerRoman", "%1.", ["i.", "ii.", "iii."]),
    ("upperLetter", "%1.", ["A.", "B.", "C."]),
    ("lowerLetter", "%1.", ["a.", "b.", "c."]),
    ("russianLower", "%1)", ["а)", "б)", "в)"]),
    ("russianUpper", "%1.", ["А.", "Б.", "В."]),
    ("decimalZero", "%1.", ["01.", "02.", "03."]),
    ("bullet", "•", ["", "", ""]),
    ("none", "Пункт", ["Пункт", "Пункт", "Пункт"]),
    ("none", "%1", ["", "", ""]),
]


@pytest.mark.parametrize(("form", "text", "numbers"), FORMS, ids=[form for form, _, _ in FORMS])
def test_numbers_of_a_list_are_read_in_the_form_they_are_printed(
    form: str, text: str, numbers: Sequence[str]
) -> None:
    related = lists(abstract(0, level(0, form, text)), listed(1, 0))
    found = said("".join(item(word) for word in ("Урок", "Сбор", "Зачёт")), related)
    assert [words.rpartition(" ")[0] for words in found] == numbers


def test_levels_of_a_list_begin_anew_under_each_section_unless_told_not_to() -> None:
    body = "".join((item("А"), item("а", 1), item("б", 1), item("Б"), item("в", 1)))
    inner = level(1, "decimal", "%1.%2.")
    through = level(1, "decimal", "%2.", '<w:lvlRestart w:val="0"/>')
    for second, last in ((inner, "2.1. в"), (through, "3. в")):
        related = lists(abstract(0, level(0, "decimal", "%1."), second), listed(1, 0))
        assert said(body, related)[-1] == last


def test_roman_sections_are_printed_as_figures_in_the_numbers_under_them() -> None:
    legal = level(1, "decimal", "%1.%2.", "<w:isLgl/>")
    related = lists(abstract(0, level(0, "upperRoman", "%1."), legal), listed(1, 0))
    assert said(item("Кадры") + item("Урок", 1), related) == ["I. Кадры", "1.1. Урок"]


def test_a_list_may_begin_anew_change_a_level_or_take_its_levels_from_a_style() -> None:
    again = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="5"/></w:lvlOverride>'
    other = f'<w:lvlOverride w:ilvl="0">{level(0, "lowerRoman", "%1")}</w:lvlOverride>'
    related = lists(
        abstract(0, '<w:styleLink w:val="Свой"/>', level(0, "decimal", "%1.")),
        abstract(1, '<w:numStyleLink w:val="Свой"/>'),
        *(listed(1, 0), listed(2, 0, again), listed(3, 0, other), listed(4, 1)),
    )
    body = "".join(item("а", number=number) for number in (1, 1, 2, 3, 4))
    assert said(body, related) == ["1. а", "2. а", "5. а", "vi а", "7. а"]


def test_a_style_based_on_another_gives_the_list_and_the_level_that_names_it() -> None:
    numbered = '<w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr>'
    styles = (
        f'<w:styles {NAMES}><w:style w:styleId="Раздел">{numbered}</w:style>'
        '<w:style w:styleId="Пункт"><w:basedOn w:val="Основа"/></w:style>'
        f'<w:style w:styleId="Основа"><w:basedOn w:val="Основа"/>{numbered}</w:style></w:styles>'
    )
    second = level(1, "decimal", "%1.%2.", '<w:pStyle w:val="Основа"/>')
    related = {
        **lists(abstract(0, level(0, "decimal", "%1."), second), listed(1, 0)),
        "styles.xml": ("styles", styles.encode()),
    }
    body = "".join(
        paragraph(style, properties=f'<w:pStyle w:val="{style}"/>') for style in ("Раздел", "Пункт", "Пункт")
    )
    assert said(body, related) == ["1. Раздел", "1.1. Пункт", "1.2. Пункт"]


def test_a_paragraph_that_is_taken_out_of_its_list_has_no_number() -> None:
    related = lists(abstract(0, level(0, "decimal", "%1.")), listed(1, 0))
    assert said(item("Урок") + item("Сбор", number=0), related) == ["1. Урок", "Сбор"]


CHUNK = '<w:altChunk r:id="aFChunk0"/>'
PAGE = "<html><body><p>План</p><table><tr><td>1</td><td>Урок</td></tr></table></body></html>"


@pytest.mark.parametrize(
    ("target", "part"),
    [
        ("page.htm", PAGE.encode()),
        ("inner.docx", document(paragraph("План") + table(row("1", "Урок")) + CHUNK)),
    ],
)
def test_a_file_inside_a_document_is_read_where_it_is_shown(target: str, part: bytes) -> None:
    grid = read_grid(
        document(paragraph("До") + CHUNK + paragraph("После"), related={target: ("aFChunk", part)}),
        "приказ.docx",
    )
    assert grid.everything == "До\nПлан\n1 Урок\nПосле"


def test_a_file_inside_that_is_damaged_is_not_passed_over_in_silence() -> None:
    with pytest.raises(Unreadable):
        read_grid(document(CHUNK, related={"a.docx": ("aFChunk", b"PK\x03\x04broken")}), "приказ.docx")


def test_too_many_files_inside_or_rows_are_refused() -> None:
    parts = {f"{n}.htm": ("aFChunk", PAGE.encode()) for n in range(30)}
    body = "".join(f'<w:altChunk r:id="aFChunk{n}"/>' for n in range(30))
    with pytest.raises(TooLarge):
        read_grid(document(body, related=parts), "приказ.docx")
    with pytest.raises(TooLarge):
        read_grid(document(table("<w:tr/>" * (MOST_ROWS + 1))), "приказ.docx")


def test_strict_documents_and_templates_are_read_as_others_are() -> None:
    body = paragraph("План") + table(row("1", cell("Урок", span(2))), row("2", "Сбор", "май"))
    usual = read_grid(document(body), "приказ.docx")
    assert read_grid(document(body, strict=True), "приказ.docx") == usual
    assert read_grid(document(body, kind=TEMPLATE), "приказ.dotx") == usual


def test_tables_nested_without_end_are_refused() -> None:
    inner = paragraph("дно")
    for _ in range(70):
        inner = table(row(cell(inner=inner)))
    grid_or_refusal: object
    try:
        grid_or_refusal = read_grid(document(inner), "приказ.docx").everything
    except (TooLarge, Unreadable) as refused:
        grid_or_refusal = type(refused)
    assert grid_or_refusal in ("дно", TooLarge, Unreadable)


def test_lines_with_tabs_typed_under_headings_with_tabs_are_rows() -> None:
    made = Document()
    for line in (
        *("План на 2026 год", "№\tМероприятие\tСрок\tОтветственные"),
        *("1\tСеминар\tмай\tОО", "2\tУрок\tиюнь\tОО"),
    ):
        made.add_paragraph(line)
    plan = read_plan(saved(made), "приказ.docx")
    assert [(one.number, one.title, one.deadline_text) for one in plan.rows] == [
        ("1", "Семинар", "май"),
        ("2", "Урок", "июнь"),
    ]


def test_a_part_without_the_body_of_a_document_is_unreadable() -> None:
    with pytest.raises(Unreadable):
        read_grid(with_part(document(""), "word/document.xml", b"<html/>"), "приказ.docx")


@office
def test_an_order_saved_anew_by_libreoffice_reads_the_same() -> None:
    names = ("columns_in_another_order", "sections_restart_numbers", "approved_by_a_stamp")
    documents = {name: word_of((ORDERS / f"{name}.txt").read_text("utf-8")) for name in names}
    for name, data in converted(documents, ".docx", ".docx").items():
        found, read = plan_of(data, "приказ.docx"), expected(ORDERS / f"{name}.json")
        assert (differing(found, read), heads_differing(found, read)) == ([], {})
