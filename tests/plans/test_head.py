from datetime import date
from zoneinfo import ZoneInfo

import pytest

from plans.abbreviations import printed_abbreviations
from plans.grid import Block, Grid, TextBlock
from plans.head import read_head
from plans.plan import Document
from plans.regions import BY_STEM, zone_of
from plans.signed import read_signed
from tests.plans.tables import HEADINGS, table

PLAN = table(HEADINGS, ("1", "Семинар", "май", "Отдел", ""))


def head_of(*texts: str | Block, parties: tuple[str, ...] = ()) -> Document:
    blocks = tuple(TextBlock(one) if isinstance(one, str) else one for one in texts)
    return read_head(Grid((*blocks, PLAN)), parties)


@pytest.mark.parametrize(
    ("lines", "day", "number"),
    [
        (["от 10 февраля 2021 года № 227"], date(2021, 2, 10), "227"),
        (["10.09.2020г", "№ 01-10/142-2"], date(2020, 9, 10), "01-10/142-2"),
        (["№ 89-од от 21.07.2021 г."], date(2021, 7, 21), "89-од"),
        (["от «01» мая 2023 г. № 5 г. Лесоград"], date(2023, 5, 1), "5"),
        (["_12.05.2025_ № _77_"], date(2025, 5, 12), "77"),
        (["от 31.02.2023 № 4"], None, "4"),
        (["На основании приказа от 24.06.2020 № 844 «О школах»"], None, None),
        (["Приложение № 2", "к приказу"], None, None),
        (["УТВЕРЖДЁН", "приказом отдела образования", "от 28.08.2023 № 301"], date(2023, 8, 28), "301"),
        (["от «05» сентября 2026 г.   № 123-р"], date(2026, 9, 5), "123-р"),
        (["«05» 09 2026 г. № 77"], date(2026, 9, 5), "77"),
        (["05.09.26 г. № 01-05/123"], date(2026, 9, 5), "01-05/123"),
        (["«__5__» сентября 2026 г."], date(2026, 9, 5), None),
        (["ПРИКАЗ № 77", "от 05.09.2026 г."], date(2026, 9, 5), "77"),
        (["05.09.2026 г. Заречный № 8/1-о"], date(2026, 9, 5), "8/1-о"),
        (["от 05.09.2026 N 15 - р"], date(2026, 9, 5), "15 - р"),
        (["№ 45", "от ___05.09.2026___"], date(2026, 9, 5), "45"),
        (["УТВЕРЖДЕНО", "распоряжением комитета", "от «_05_» _09_ 2026 г. № _77_"], date(2026, 9, 5), "77"),
        (["ПРИКАЗ № 201 от 02.03.2026"], date(2026, 3, 2), "201"),
        (["Приложение 1 к постановлению администрации от 1 июня 2024 г. № 7."], date(2024, 6, 1), "7"),
    ],
)
def test_the_date_and_the_number_are_the_orders_own(
    lines: list[str], day: date | None, number: str | None
) -> None:
    found = read_signed(lines)
    assert (found.day, found.number) == (day, number)


@pytest.mark.parametrize(
    ("title", "start", "end"),
    [
        ("на 2021-2022 годы", date(2021, 1, 1), date(2022, 12, 31)),
        ("на 2024 – 2026 гг.", date(2024, 1, 1), date(2026, 12, 31)),
        ("на период с 2024 по 2025 годы", date(2024, 1, 1), date(2025, 12, 31)),
        ("на 2023 год", date(2023, 1, 1), date(2023, 12, 31)),
        ("в 2023 году", date(2023, 1, 1), date(2023, 12, 31)),
        ("до 2024 года", date(2021, 7, 21), date(2024, 12, 31)),
        ("на 2023/2024 учебный год", date(2023, 9, 1), date(2024, 5, 31)),
        ("в 2023-2024 учебном году", date(2023, 9, 1), date(2024, 5, 31)),
        ("на 2026/27 учебный год", date(2026, 9, 1), date(2027, 5, 31)),
        ("на 2025, 2026 и 2027 годы", date(2025, 1, 1), date(2027, 12, 31)),
        ("на период до 2028 года", date(2021, 7, 21), date(2028, 12, 31)),
        ("на второе полугодие 2026 года", date(2026, 7, 1), date(2026, 12, 31)),
        ("на 2026 год и плановый период 2027–2028 годов", date(2026, 1, 1), date(2028, 12, 31)),
        ("на 2026 год и на плановый период 2027 и 2028 годов", date(2026, 1, 1), date(2028, 12, 31)),
        ("на сентябрь 2026 года – июнь 2027 года", date(2026, 9, 1), date(2027, 6, 30)),
        ("с сентября 2026 г. по май 2027 г.", date(2026, 9, 1), date(2027, 5, 31)),
        ("по итогам проверочных работ", None, None),
    ],
)
def test_the_period_is_the_one_the_title_states(title: str, start: date | None, end: date | None) -> None:
    head = head_of("21.07.2021", f"План мероприятий по поддержке школ {title}")
    assert (head.period_start, head.period_end) == (start, end)


def test_a_period_stated_by_the_order_alone_is_the_plans_too() -> None:
    head = head_of("Об утверждении плана на 2025 год", "План мероприятий по поддержке школ")
    assert head.title == "План мероприятий по поддержке школ"
    assert head.period_end == date(2025, 12, 31)


def test_a_title_printed_in_several_paragraphs_is_one() -> None:
    head = head_of(
        "ПЛАН МЕРОПРИЯТИЙ",
        "ПО ПОДДЕРЖКЕ ШКОЛ",
        "на территории",
        "Озёрного муниципального округа",
        "Цель: помощь.",
    )
    assert head.title == "План мероприятий по поддержке школ на территории Озёрного муниципального округа"


@pytest.mark.parametrize(
    ("printed", "title"),
    [
        (
            "ПЛАН МЕРОПРИЯТИЙ (ДОРОЖНАЯ КАРТА) по переводу школ",
            "План мероприятий (дорожная карта) по переводу школ",
        ),
        ("ПЛАН работы с ШНОР", "План работы с ШНОР"),
        ("План («ДОРОЖНАЯ КАРТА») поддержки МБОУ СОШ", "План («дорожная карта») поддержки МБОУ СОШ"),
        (
            "ПЛАН ПОДГОТОВКИ К ЕГЭ И ВПР В ОО ЗАРЕЧНОГО РАЙОНА РЕСПУБЛИКИ МАРИЙ ЭЛ",
            "План подготовки к ЕГЭ и ВПР в ОО Заречного района Республики Марий Эл",
        ),
        (
            "ПРОГРАММА МЕТОДИЧЕСКОЙ ПОМОЩИ В ГОРОДСКОМ ОКРУГЕ ЛЕСОГРАД",
            "Программа методической помощи в городском округе Лесоград",
        ),
        ("План работы МБОУ", "План работы МБОУ"),
    ],
)
def test_a_title_in_capitals_is_written_as_a_sentence(printed: str, title: str) -> None:
    assert head_of(printed, "Цель: помощь.").title == title


def test_the_title_of_a_schools_own_plan_goes_on_with_the_school() -> None:
    head = head_of("План мероприятий по поддержке обучающихся", "МБОУ «Заречная СОШ № 5»")
    assert head.title == "План мероприятий по поддержке обучающихся МБОУ «Заречная СОШ № 5»"


def test_a_sentence_about_the_plan_is_not_its_title() -> None:
    head = head_of("Дорожная карта поддержки школ", "План разработан в соответствии с законом на 2023 год.")
    assert head.title == "Дорожная карта поддержки школ"


def test_an_order_whose_plan_has_no_heading_is_called_by_what_it_is_about() -> None:
    assert head_of("ПРИКАЗ", "Об утверждении мер поддержки").title == "Об утверждении мер поддержки"


@pytest.mark.parametrize(
    ("lines", "issuer"),
    [
        (
            ["АДМИНИСТРАЦИЯ ГОРОДА ЛЕСОГРАДА", "УПРАВЛЕНИЕ ОБРАЗОВАНИЯ", "ПРИКАЗ"],
            "Управление образования",
        ),
        (
            ["Отдел образования", "администрации Озёрного района", "Томской области", "П Р И К А З"],
            "Отдел образования администрации Озёрного района Томской области",
        ),
        (["АДМИНИСТРАЦИЯ", "«СОСНОВЫЙ ОКРУГ»", "РАСПОРЯЖЕНИЕ № 5"], "Администрация «Сосновый округ»"),
        (
            ["Управление образования администрации", "Усть-Заречного муниципального округа", "ПРИКАЗ"],
            "Управление образования администрации Усть-Заречного муниципального округа",
        ),
        (
            ["ПРИКАЗ", "по управлению образования администрации Заречного района", "от 05.09.2026 № 7"],
            "Управление образования администрации Заречного района",
        ),
        (["УПРАВЛЕНИЕ ОБРАЗОВАНИЯ ЗАРЕЧНОГО РАЙОНА", "ПРИКАЗ"], "Управление образования Заречного района"),
        (
            ["ОТДЕЛ ОБРАЗОВАНИЯ ЗАРЕЧНОГО РАЙОНА", "РЕСПУБЛИКИ БАШКОРТОСТАН", "ПРИКАЗ"],
            "Отдел образования Заречного района Республики Башкортостан",
        ),
        (["ГЛАВА", "ЗАРЕЧНОГО РАЙОНА", "РАСПОРЯЖЕНИЕ"], "Глава Заречного района"),
        (["МКУ «Центр образования»", "ПРИКАЗ"], "МКУ «Центр образования»"),
        (["Приказ"], None),
    ],
)
def test_the_issuer_is_named_above_the_word_order(lines: list[str], issuer: str | None) -> None:
    assert head_of(*lines).issuer == issuer


def test_a_stamp_gives_the_office_in_the_first_case_and_the_date() -> None:
    head = head_of(
        "Утверждаю\nНачальник Управления образования\nОзёрного округа\nА.А. Первая\n«1» марта 2024 года"
    )
    assert head.issuer == "Управление образования Озёрного округа"
    assert head.date == date(2024, 3, 1)


def test_a_stamp_set_in_a_table_is_read_as_well() -> None:
    stamp = table(("", "УТВЕРЖДАЮ"), ("", "Начальник Отдела образования"), ("", "01.03.2024"))
    head = head_of(stamp)
    assert (head.issuer, head.date) == ("Отдел образования", date(2024, 3, 1))


AGREED_AND_APPROVED = (
    ("СОГЛАСОВАНО", "УТВЕРЖДАЮ"),
    ("Председатель методического", "Начальник отдела образования"),
    ("совета", "администрации Заречного района"),
    ("«28» августа 2026 г.", "«31» августа 2026 г."),
)


def test_of_two_stamps_side_by_side_the_one_that_approves_is_taken() -> None:
    head = head_of(table(*AGREED_AND_APPROVED))
    assert head.issuer == "Отдел образования администрации Заречного района"
    assert head.date == date(2026, 8, 31)


def test_a_stamp_that_is_one_cell_of_a_table_has_its_office_and_its_date() -> None:
    agreed = "ПРИНЯТО на заседании совета, протокол от 20.08.2026 № 3"
    approved = "УТВЕРЖДАЮ Начальник отдела образования ______ А.А. Первая «31» августа 2026 г."
    head = head_of(table((agreed, approved)))
    assert (head.issuer, head.date, head.number) == ("Отдел образования", date(2026, 8, 31), None)


def test_two_stamps_parted_by_spaces_read_the_same() -> None:
    spaced = [f"{left:40}{right}" for left, right in AGREED_AND_APPROVED]
    assert head_of("\n".join(spaced)) == head_of(*spaced)  # a line each, or a paragraph each
    head = head_of(*spaced, "План работы")
    assert head.title == "План работы"
    assert head.issuer == "Отдел образования администрации Заречного района"
    assert head.date == date(2026, 8, 31)


def test_an_office_named_without_its_owner_has_the_owner_that_the_text_names() -> None:
    head = head_of(
        "АДМИНИСТРАЦИЯ ЗАРЕЧНОГО РАЙОНА",
        "УПРАВЛЕНИЕ ОБРАЗОВАНИЯ",
        "ПРИКАЗ",
        "Во исполнение приказа управления образования администрации Заречного района от 04.09.2025 № 7",
    )
    assert head.issuer == "Управление образования администрации Заречного района"


@pytest.mark.parametrize(
    ("region", "zone"),
    [
        ("Ямало-Ненецкий автономный округ", "Asia/Yekaterinburg"),
        ("Ненецкий автономный округ", "Europe/Moscow"),
        ("Омская область", "Asia/Omsk"),
        ("САХАЛИНСКАЯ ОБЛАСТЬ", "Asia/Sakhalin"),
        ("власти Татарстана", "Europe/Moscow"),
        ("Невского района Санкт-Петербурга", "Europe/Moscow"),
        ("ХМАО – Югры", "Asia/Yekaterinburg"),
        ("Томской обл.", "Asia/Tomsk"),
        ("Республика Северная Осетия – Алания", "Europe/Moscow"),
        ("Донецкая Народная Республика", "Europe/Moscow"),
        ("Республика Саха (Якутия)", "Asia/Yakutsk"),
        ("Удмуртская Республика", "Europe/Samara"),
        ("Республика Алтай", "Asia/Barnaul"),
        ("Кемеровской области – Кузбасса", "Asia/Novokuznetsk"),
        ("Еврейская автономная область", "Asia/Vladivostok"),
        ("Чукотского автономного округа", "Asia/Anadyr"),
        ("город Москва", "Europe/Moscow"),
        ("г. Севастополь", "Europe/Simferopol"),
        ("Лесоградский район", None),
        ("областной конкурс", None),
        ("комитет и комиссия", None),
        ("Республика Коми", "Europe/Moscow"),
    ],
)
def test_a_region_has_its_time_zone(region: str, zone: str | None) -> None:
    assert zone_of(f"администрация района, {region}") == zone


def test_every_zone_of_the_table_exists() -> None:
    assert all(ZoneInfo(zone) for zone in BY_STEM.values())


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "Руководителям образовательных организаций (далее – ОО): исполнить",
            {"ОО": "образовательных организаций"},
        ),
        ("школ, живущих в сложных условиях (далее-ШСУ)", {"ШСУ": "школ, живущих в сложных условиях"}),
        (
            "ГАУ ДПО «Областной институт имени А.А. Первого» (далее ОИ)",
            {"ОИ": "ГАУ ДПО «Областной институт имени А.А. Первого»"},
        ),
        ("Исключить из списка: общие учреждения (далее – ОУ), школы", {"ОУ": "общие учреждения"}),
        ("Центр оценки (далее – РИ-АЦ) и РИАЦ", {"РИАЦ": "Центр оценки"}),
        ("План (далее – План)", {}),
    ],
)
def test_an_abbreviation_stands_for_the_words_before_its_bracket(text: str, found: dict[str, str]) -> None:
    assert printed_abbreviations(Grid((TextBlock(text),))) == found


@pytest.mark.parametrize(
    ("printed", "first"),
    [
        ("общеобразовательным организациям", "общеобразовательные организации"),
        ("общеобразовательными организациями", "общеобразовательные организации"),
        ("школ с низкими результатами", "школы с низкими результатами"),
        ("школ, функционирующих в трудных условиях", "школы, функционирующие в трудных условиях"),
        (
            "Муниципальных органов, осуществляющих управление",
            "Муниципальные органы, осуществляющие управление",
        ),
        ("муниципальной методической службой", "муниципальная методическая служба"),
        ("городского методического кабинета", "городской методический кабинет"),
        ("отделу образования", "отдел образования"),
        ("образовательные организации", "образовательные организации"),
        ("школы района", "школы района"),
        ("проектному офису", "проектному офису"),
    ],
)
def test_what_an_abbreviation_stands_for_is_given_in_the_first_case(printed: str, first: str) -> None:
    assert head_of(f"{printed} (далее – ЩЩ)").abbreviations == {"ЩЩ": first}


def test_an_abbreviation_with_two_letters_changed_about_is_a_misprint() -> None:
    head = head_of("Районный центр (далее – РИМЦ)", parties=("РМИЦ", "РИМО"))
    assert head.abbreviations == {"РИМЦ": "Районный центр", "РМИЦ": "Районный центр"}


def test_what_the_executors_column_takes_for_known_is_understood() -> None:
    head = head_of("Органы управления школами округа (далее – МОУСО)", parties=("МООУСО", "руководители ОО"))
    assert head.abbreviations["МООУСО"] == head.abbreviations["МОУСО"]
    assert head.abbreviations["ОО"] == "образовательные организации"
