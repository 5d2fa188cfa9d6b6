"""The five orders and the invented ones, field by field against what people read in them."""

import json
from pathlib import Path
from typing import Any

import pytest

from plans.plan_json import plan_from_json, plan_to_json
from plans.read import read_plan
from tests.plans.word import word_of

SHARED = Path(__file__).parents[3] / "shared"
GOLDEN = sorted((SHARED / "golden").glob("*.json"))
INVENTED = sorted((Path(__file__).parent / "orders").glob("*.json"))
ROWS = (19, 23, 37, 15, 15)
FIELDS = (
    *("number", "section", "title", "deadline_text", "deadline", "responsible", "responsible_text"),
    *("expected_result", "targets"),
)
# Expected of the linter, by the first figures of an order's name: (row, code); None is the plan itself.
REMARKS: dict[str, set[tuple[str | None, str]]] = {
    "000": {
        *{("1", "before_order"), ("1", "outside_period"), ("2", "odd_week"), ("4", "odd_week")},
        (None, "empty_year"),
    },
    "001": {(None, "missing_annex")},
    "002": {(None, "abbreviation")},
    "003": {("1.", "before_order"), ("10.", "near_duplicate")},
    "004": {("1.1.", "abbreviation")},
}

real = pytest.mark.skipif(not GOLDEN, reason="the five orders are not beside this repository")
each_real = pytest.mark.parametrize("golden", GOLDEN, ids=lambda path: path.stem[:3])


def _golden(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found


def _order(golden: Path) -> bytes:
    return (SHARED / "seeds" / f"{golden.stem}.txt").read_bytes()


def _read(data: bytes, name: str) -> dict[str, Any]:
    return plan_to_json(read_plan(data, name))


def differing(found: dict[str, Any], expected: dict[str, Any]) -> list[tuple[Any, ...]]:
    """List (row, field, found, expected) of every field of the rows that differs."""
    assert len(found["rows"]) == len(expected["rows"])
    return [
        (row["number"], field, mine[field], row.get(field))
        for mine, row in zip(found["rows"], expected["rows"], strict=True)
        for field in FIELDS
        if mine[field] != row.get(field)
    ]


def heads_differing(found: dict[str, Any], expected: dict[str, Any]) -> dict[str, Any]:
    """Give the fields of the head that people wrote down and the reader sees otherwise."""
    said, head = expected["document"], found["document"]
    return {field: head[field] for field in head if field in said and head[field] != said[field]}


@real
@each_real
def test_no_field_of_any_row_differs_from_what_people_read(golden: Path) -> None:
    assert differing(_read(_order(golden), "приказ.txt"), _golden(golden)) == []


@real
def test_the_five_orders_have_their_109_rows() -> None:
    assert tuple(len(_read(_order(golden), "приказ.txt")["rows"]) for golden in GOLDEN) == ROWS


@real
@each_real
def test_the_head_of_each_order_is_read_as_people_read_it(golden: Path) -> None:
    assert heads_differing(_read(_order(golden), "приказ.txt"), _golden(golden)) == {}


@real
@each_real
def test_an_order_saved_as_word_with_its_table_split_over_pages_reads_the_same(golden: Path) -> None:
    document = word_of(_order(golden).decode())
    found, expected = _read(document, "приказ.docx"), _golden(golden)
    assert differing(found, expected) == []
    assert heads_differing(found, expected) == {}


@real
@each_real
def test_the_linter_says_what_is_expected_and_nothing_else(golden: Path) -> None:
    remarks = _read(_order(golden), "приказ.txt")["remarks"]
    assert {(remark["row"], remark["code"]) for remark in remarks} == REMARKS[golden.stem[:3]]


@real
def test_points_of_the_orders_own_text_with_a_date_are_duties() -> None:
    duties = _read(_order(GOLDEN[1]), "приказ.txt")["duties"]
    assert [(duty["number"], duty["deadline_text"]) for duty in duties] == [
        ("2.1", "в течение учебного года"),
        ("2.2", "в течение учебного года"),
        ("2.3", "постоянно"),
    ]


@pytest.mark.parametrize("golden", INVENTED, ids=lambda path: path.stem)
def test_an_invented_order_of_another_layout_is_read_whole(golden: Path) -> None:
    assert _read(golden.with_suffix(".txt").read_bytes(), "приказ.txt") == _golden(golden)


@pytest.mark.parametrize("golden", INVENTED, ids=lambda path: path.stem)
def test_an_invented_order_saved_as_word_reads_the_same(golden: Path) -> None:
    text = golden.with_suffix(".txt").read_text("utf-8")
    assert _read(word_of(text), "приказ.docx") == _golden(golden)


@pytest.mark.parametrize("golden", INVENTED, ids=lambda path: path.stem)
def test_a_plan_goes_to_json_and_back_unchanged(golden: Path) -> None:
    plan = read_plan(golden.with_suffix(".txt").read_bytes(), "приказ.txt")
    again = plan_from_json(json.loads(json.dumps(plan_to_json(plan, whole=True))))
    assert plan_to_json(again, whole=True) == plan_to_json(plan, whole=True)
    assert again.rows == plan.rows
    assert again.document == plan.document


def test_who_controls_an_order_is_told_to_the_worker_and_not_printed() -> None:
    text = "ПРИКАЗ\n\n1. Контроль оставляю за собой.\n\n№\tМероприятие\tСрок\n1\tСеминар\tмай\n"
    plan = read_plan(text.encode(), "приказ.txt")
    assert plan_to_json(plan, whole=True)["document"]["controller"] == "оставляю за собой"
    assert "controller" not in plan_to_json(plan)["document"]
