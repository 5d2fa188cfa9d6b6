"""What the approver writes in words: a correction, an order pasted into the chat, or something else."""

import pytest

from plans.correction import Correction, Field, read_correction
from plans.pasting import looks_like_order

HEADINGS = "№\tМероприятие\tСрок исполнения\tОтветственные\n"
ROWS = "1\tСеминар для заместителей директоров\tоктябрь 2026 года\tМетодический центр\n" * 3


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("срок: до 15 октября", Correction(Field.DEADLINE, "до 15 октября")),
        ("Срок :  май\n2027", Correction(Field.DEADLINE, "май 2027")),
        ("п. 5 срок: май", Correction(Field.DEADLINE, "май", "5")),
        ("пункт 3.1. исполнитель: МКУ «Центр», ОО", Correction(Field.EXECUTORS, "МКУ «Центр», ОО", "3.1")),
        ("4, название: Анализ: итоги года", Correction(Field.TITLE, "Анализ: итоги года", "4")),
        ("ответственые = ОО", Correction(Field.EXECUTORS, "ОО")),
        ("результат: не менее 60 %", Correction(Field.RESULT, "не менее 60 %")),
    ],
)
def test_a_field_is_named_before_its_new_text_and_a_row_before_the_field(
    written: str, found: Correction
) -> None:
    assert read_correction(written) == found


@pytest.mark.parametrize(
    "written", ["", "срок", "срок:", "готово", "Итоги: провели", "Коллеги: срок сдвинем", "15:30 — начало"]
)
def test_other_texts_are_no_corrections(written: str) -> None:
    assert read_correction(written) is None


@pytest.mark.parametrize(
    "text",
    [
        HEADINGS + ROWS,
        (HEADINGS + ROWS).replace("\t", "\n"),
        (HEADINGS + ROWS).replace("\t", " | "),
        (HEADINGS + ROWS).replace("\t", "   "),
    ],
    ids=["tabs", "lines", "bars", "spaces"],
)
def test_a_pasted_plan_is_known_by_its_headings(text: str) -> None:
    assert looks_like_order(text)


@pytest.mark.parametrize(
    "text",
    [
        HEADINGS,
        "Коллеги, мероприятие провели в срок, ответственные подготовили справку. " * 4,
        "Отчёт\nПровели семинар, участвовали 15 из 24 педагогов.\nФото прилагаю.\n" * 5,
    ],
    ids=["too short", "a letter", "a report"],
)
def test_a_report_or_a_letter_is_no_order(text: str) -> None:
    assert not looks_like_order(text)
