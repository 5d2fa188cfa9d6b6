import pytest

from plans.controller import read_controller
from plans.grid import Grid, TextBlock


def controller_of(*paragraphs: str) -> str | None:
    return read_controller(Grid(tuple(TextBlock(paragraph) for paragraph in paragraphs)))


@pytest.mark.parametrize(
    ("point", "who"),
    [
        ("3. Контроль оставляю за собой.", "оставляю за собой"),
        ("4. Контроль за исполнением постановления оставить за собой", "оставить за собой"),
        (
            "3. Контроль за исполнением настоящего приказа возложить на заместителя начальника Ветрову О.П.",
            "заместителя начальника Ветрову О.П.",
        ),
        (
            "Возложить контроль за исполнением приказа на методиста Грачёву М.Г.\nНачальник управления",
            "методиста Грачёву М.Г.",
        ),
        (
            "5. Контроль исполнения приказа возложить на Ветрову О.П., заместителя начальника. 6. Разослать.",
            "Ветрову О.П., заместителя начальника",
        ),
        ("2. Контроль возлагаю на отдел школ (Ветрова О. П.).", "отдел школ (Ветрова О. П.)"),
        (
            "7. Контроль возложить на заместителя\nначальника управления\nО.П. Ветрову.",
            "заместителя начальника управления О.П. Ветрову",
        ),
    ],
)
def test_the_controller_is_named_as_printed(point: str, who: str) -> None:
    assert controller_of("ПРИКАЗ", "1. Утвердить план.", point) == who


def test_a_point_that_only_speaks_of_control_names_nobody() -> None:
    assert controller_of("2. Осуществлять контроль выполнения плана.", "3. Приказ вступает в силу.") is None


def test_control_in_the_points_above_does_not_hide_who_controls_the_order() -> None:
    points = "2. Школам вести контроль посещений.\n3. Контроль за исполнением приказа оставляю за собой."
    assert controller_of(points) == "оставляю за собой"
