from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plans.answers.figures import (
    FigureTrouble,
    SaidFigure,
    bare_number,
    check,
    read_figure,
    settled,
)
from plans.answers.numerals import NUMERALS
from tests.plans.answers.spoken import spoken

FIFTEEN = SaidFigure(15, 24)


def percent(said: str, of: int | None = None) -> SaidFigure:
    return SaidFigure(percent=Decimal(said), denominator=of)


@pytest.mark.parametrize(
    "text",
    [
        "15 из 24",
        "15/24",
        "15 / 24",
        "15\\24",
        "15из24",
        "15 из 24.",
        "«15 из 24»",
        "пятнадцать из 24",
        "15 из двадцати четырёх",
        "пятнадцать из двадцати четырёх",
        "ПЯТНАДЦАТЬ ИЗ ДВАДЦАТИ ЧЕТЫРЁХ",
        "15 (пятнадцать) из 24 (двадцати четырёх)",
        "15-ти из 24-х",
        "сделали, 15 из 24",
        "+ 15 из 24",
        "✅ 15 из 24",
        "Добрый день! Участвовали 15 из 24 учителей. Фото прилагаю",
        "участвовали 15 педагогов из 24",
        "Участвовало 15 чел. из 24 чел.",
        "15 педагогов нашей школы из 24",
        "15 учителей и воспитателей из 24",
        "15 педагогов (из 24)",
        "15 из наших 24 педагогов",
        "из 24 педагогов 15",
        "из 24 — 15",
        "Из 24 педагогов школы обучены 15",
        "Из общего числа 24 обучены 15",
        "24 педагога, из них 15 обучены",
        "24 педагога (из них 15 обучены)",
        "24, из них 15",
        "24 педагога, из которых участвовали 15",
        "В школе 24 педагога, из них 15 прошли курсы",
        "15 из 24 (62,5 %)",
        "15 из 24 - 62%",
        "15 из 24, что составляет 63 %",
        "Курсы прошли 15 педагогов из 24, ещё 9 учатся",
        "Семинар 15 октября, участвовали 15 из 24",
        "15.10.2026 участвовали 15 из 24",
        "п. 1.2: 15 из 24",
        "СОШ № 3: 15 из 24",
        "5А - 15 из 24",
        "В 2025/2026 учебном году 15 из 24",
        "15 из 24 школ",
        "15 школ из 24",
    ],
)
def test_fifteen_of_twenty_four_is_read_however_it_is_said(text: str) -> None:
    assert read_figure(text) == FIFTEEN


@pytest.mark.parametrize(
    ("text", "figure"),
    [
        ("все 24", SaidFigure(24, 24)),
        ("Все наши 24 педагога прошли обучение", SaidFigure(24, 24)),
        ("24 из 24, 100 %", SaidFigure(24, 24)),
        ("никто из 24", SaidFigure(0, 24)),
        ("ни один из 24 не участвовал", SaidFigure(0, 24)),
        ("никто из двадцати четырёх педагогов не прошёл", SaidFigure(0, 24)),
        ("0 из 24", SaidFigure(0, 24)),
        ("ноль из 24", SaidFigure(0, 24)),
        ("1 из 1", SaidFigure(1, 1)),
        ("трое из пяти", SaidFigure(3, 5)),
        ("сорок из ста", SaidFigure(40, 100)),
        ("5/12", SaidFigure(5, 12)),
        ("1 250 из 2 000", SaidFigure(1250, 2000)),
        ("тысяча двести из двух тысяч", SaidFigure(1200, 2000)),
        ("62 %", percent("62")),
        ("62%", percent("62")),
        ("62 процента", percent("62")),
        ("шестьдесят два процента", percent("62")),
        ("сто процентов", percent("100")),
        ("Охват 100%", percent("100")),
        ("12,5 %", percent("12.5")),
        ("12.5%", percent("12.5")),
        ("выполнено на 62 %", percent("62")),
        ("62 % от 24", percent("62", of=24)),
        ("62 % из 24 педагогов", percent("62", of=24)),
    ],
)
def test_other_figures_are_read_in_their_own_form(text: str, figure: SaidFigure) -> None:
    assert read_figure(text) == figure
    assert check(figure) is None


DATES_AND_HOURS = [
    "15.10", "15/10", "15/10/2026", "15.10.2026", "2026-10-15", "15 октября", "01.09 из приказа", "10/2026",
    "15 октября из 24", "15 из 24 сентября", "15 из 24.09", "15.10 из 24", "14:30", "15:24", "15.30 из 24",
    "2025/2026", "25/26 уч. год", "2026 год", "24/7",
]  # fmt: skip
NAMES_WITH_NUMBERS = [
    "п. 1.2", "пункт 3.2 из плана", "п.15 из 24", "приказ № 15 из 24.09", "приказ 15 из 24.09", "№ 15/24",
    "протокол 15/24", "8 (912) 345-67-89", "+7 912 345 67 89", "тел. 45-67-89", "5 «А» из 24", "5А из 24",
    "5-А из 24", "9 класс из 24", "15 из 9-х классов", "15 учеников из 24 школы", "кабинет 15 из 24",
    "ул. Ленина 15/24", "дом 15/24", "https://example.test/15/24", "PISA-2020 из 24", "страница 1 из 3",
    "с. 15 из 24", "СОШ 15 из 24", "15-й из 24", "второй из 24", "3 место из 24", "1/2 ставки",
]  # fmt: skip
OTHER_UNITS = [
    "15 баллов из 24", "36 часов из 72", "15 ч из 24 ч", "10 дней из 14", "все 24 часа", "15 тыс. из 24 тыс.",
    "15 учеников из 24 школ", "приехали 15 человек из 24 школ", "из 24 школ 15 человек",
    "15 писем из 24 разных организаций", "2/3 педагогов прошли",
    "5 человек из 9 и 11 классов", "5 человек из 9, 11 классов",
]  # fmt: skip
DOUBTS = [
    "15 из 24?", "около 15 из 24", "примерно 15 из 24", "почти все 24", "не все 24", "не менее 15 из 24",
    "до 15 из 24", "человек 15 из 24", "планируем 15 из 24", "будут обучены 15 из 24", "осталось 9 из 24",
    "100% учителей примут участие", "не прошли 15 из 24", "9 из 24 не прошли", "отсутствовали 9 из 24",
    "все 24, кроме двоих", "никто из 24 не отказался", "15 или 16 из 24", "15-16 из 24", "15 - 16 из 24",
    "15, 16 из 24", "15 и ещё 3 из 24", "15 педагогов + 9 из 24", "15 педагогов и 20 учеников из 24",
    "двадцать-двадцать пять из 30", "15 из 20-24", "50-60 %", "50 - 60 %", "от 50 до 60 %", "до 100 %",
    "повысили на 5 %", "на 5 % выше", "полтора из двух", "половина из 24", "½ из 24", "15² из 24",
    "участвовали 15, из них 10 молодых", "24 педагога, из них 15 женщин", "все 15 из 24", "15 из 24.5",
    "24 педагога, из них 10 молодых, 15 обучены", "участвовали все 24, из них 15 очно",
]  # fmt: skip
SEVERAL = [
    "15 из 24 и 10 из 12", "математика 15 из 24, русский 14 из 24", "было 10 из 24, стало 15 из 24",
    "качество 62 %, успеваемость 100 %", "15 из 24 (30 %)", "3 из 15 из 24",
]  # fmt: skip
NOTHING = [
    "",
    " ",
    "15",
    "из 24",
    "15 из",
    "из",
    "%",
    "готово",
    "никто",
    "все",
    "15 и 24",
    "15 - 24",
    "5 классов",
]


@pytest.mark.parametrize(
    "text", DATES_AND_HOURS + NAMES_WITH_NUMBERS + OTHER_UNITS + DOUBTS + SEVERAL + NOTHING
)
def test_what_may_be_another_thing_is_no_figure(text: str) -> None:
    assert read_figure(text) is None


@pytest.mark.parametrize(
    ("text", "trouble"),
    [
        ("45 из 40", FigureTrouble.MORE_THAN_ALL),
        ("сорок пять из сорока", FigureTrouble.MORE_THAN_ALL),
        ("5 из 0", FigureTrouble.ZERO_BASE),
        ("0 из 0", FigureTrouble.ZERO_BASE),
        ("62 % из 0", FigureTrouble.ZERO_BASE),
        ("120 %", FigureTrouble.OVER_HUNDRED),
        ("100,1 %", FigureTrouble.OVER_HUNDRED),
        ("-5 из 24", FigureTrouble.NEGATIVE),
        ("минус 5 %", FigureTrouble.NEGATIVE),
        ("15 из 24,5", FigureTrouble.NOT_WHOLE),
        ("12,5 из 24", FigureTrouble.NOT_WHOLE),
    ],
)
def test_a_figure_that_cannot_be_true_says_why(text: str, trouble: FigureTrouble) -> None:
    figure = read_figure(text)
    assert figure is not None
    assert check(figure) is trouble


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("24", 24),
        ("24.", 24),
        ("двадцать четыре", 24),
        ("из двадцати четырёх", 24),
        ("24 педагога", 24),
        ("педагогов 24", 24),
        ("всего 24", 24),
        ("от 24", 24),
        ("из 24", 24),
        ("все 24", 24),
        ("их 24", 24),
        ("24 (двадцать четыре)", 24),
        ("У нас в школе 24 педагога", 24),
        ("9 классов", 9),
        ("1 250", 1250),
        ("сто", 100),
        ("0", 0),
    ],
)
def test_one_number_answers_of_how_many(text: str, number: int) -> None:
    assert bare_number(text) == number


@pytest.mark.parametrize(
    "text",
    [
        "", "не знаю", "никто", "15 из 24", "15/24", "24,5", "24.09", "24 октября", "24 %", "24 часа", "24?",
        "-5", "около 24", "24 или 25", "24-25", "до 24", "не 24", "человек 20", "в 24 школе",
        "из 24 школы", "№ 24",
        "5А", "15:24", "2026 год", "24 минус 2", "1234567",
        "В прошлую пятницу провели большой и очень интересный семинар для 24 педагогов",
    ],
)  # fmt: skip
def test_what_is_not_one_number_does_not_answer_of_how_many(text: str) -> None:
    assert bare_number(text) is None


@pytest.mark.parametrize(
    ("share", "base", "numerator", "exact"),
    [
        ("62", 24, 15, False),  # 14.88
        ("62.5", 24, 15, True),
        ("50", 25, 13, False),  # a half goes up
        ("12.5", 4, 1, False),
        ("100", 24, 24, True),
        ("99", 24, 24, False),  # rounding may give all of them
        ("0", 24, 0, True),
        ("1", 24, 0, False),
    ],
)
def test_a_percent_of_a_base_is_the_nearest_whole_number(
    share: str, base: int, numerator: int, exact: bool
) -> None:
    found = settled(Decimal(share), base)
    assert (found.numerator, found.exact) == (numerator, exact)


@pytest.mark.parametrize(("share", "base"), [("101", 24), ("-1", 24), ("62", 0), ("62", -5)])
def test_a_percent_that_cannot_be_is_not_settled(share: str, base: int) -> None:
    with pytest.raises(ValueError, match=share):
        settled(Decimal(share), base)


COUNTS = st.integers(0, 9999)


@given(
    part=COUNTS,
    base=COUNTS,
    words=st.tuples(st.booleans(), st.booleans()),
    after=st.sampled_from(["", " педагогов"]),
)
def test_every_n_of_m_is_read_back(part: int, base: int, words: tuple[bool, bool], after: str) -> None:
    first = spoken(part) if words[0] else str(part)
    second = spoken(base, genitive=True) if words[1] else str(base)
    assert read_figure(f"участвовали {first}{after} из {second}") == SaidFigure(part, base)


@given(part=st.integers(0, 1899), base=st.integers(13, 999))
def test_every_n_slash_m_that_is_no_date_is_read_back(part: int, base: int) -> None:
    assert read_figure(f"{part}/{base}") == SaidFigure(part, base)


@given(tenths=st.integers(0, 1000))
def test_every_percent_is_read_back(tenths: int) -> None:
    said = str(Decimal(tenths) / 10).replace(".", ",")
    assert read_figure(f"{said} %") == percent(said.replace(",", "."))


@given(base=st.integers(1, 9999), share=st.decimals(0, 100, places=1))
def test_a_settled_percent_is_within_half_a_person(base: int, share: Decimal) -> None:
    found = settled(share, base)
    assert 0 <= found.numerator <= base
    assert abs(found.numerator - share * base / 100) <= Decimal("0.5")
    assert found.exact == (found.numerator == share * base / 100)


PIECES = st.sampled_from(
    [
        *(
            "15",
            "24",
            "24,5",
            "24.09",
            "%",
            "/",
            "-",
            "из",
            "от",
            "все",
            "никто",
            "не",
            "них",
            "(",
            ")",
            ",",
            ".",
            "?",
        ),
        *(
            "педагогов",
            "школ",
            "школы",
            "пункт",
            "№",
            "октября",
            "«А»",
            "класс",
            "на",
            "до",
            "минус",
            "½",
            "\n",
            "+7",
        ),
        *sorted(NUMERALS)[::12],
    ]
)


@settings(max_examples=300)
@given(pieces=st.lists(PIECES, max_size=14), glue=st.sampled_from(["", " "]))
def test_a_figure_is_always_of_one_form_and_no_text_breaks_the_reader(pieces: list[str], glue: str) -> None:
    text = glue.join(pieces)
    figure = read_figure(text)
    number = bare_number(text)
    assert number is None or number >= 0
    if figure is not None:
        said = (figure.numerator is not None, figure.denominator is not None, figure.percent is not None)
        assert said in {(True, True, False), (False, False, True), (False, True, True)}


@given(text=st.text(st.characters(exclude_categories=["Nd", "Nl", "No", "Cs"]), max_size=80))
def test_a_text_without_digits_holds_no_figure(text: str) -> None:
    assert read_figure(text) is None


def test_a_text_longer_than_a_message_is_not_read() -> None:
    assert read_figure("15 из 24" + " " * 5000) is None
    assert bare_number("24" + " " * 5000) is None
