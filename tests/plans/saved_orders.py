"""The five orders and the invented ones, saved by LibreOffice in another format; what people read in them."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from plans.plan_json import plan_to_json
from plans.read import read_plan
from tests.plans.portable import OFFICE, converted, paged
from tests.plans.test_golden import GOLDEN, INVENTED, SHARED
from tests.plans.word import word_of

FILES = Path(__file__).parent / "files"
ORDERS = Path(__file__).parent / "orders"
KEPT = ("columns_in_another_order", "numbering_begins_anew")  # lie in ``FILES`` in every format
# The plain document; one with ruled tables that small pages split, their sides set for every cell.
FORMS: Mapping[str, Callable[[str], bytes]] = MappingProxyType(
    {"plain": word_of, "small": lambda text: paged(text, "small")}
)

office = pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not installed: `make office` installs it")
real = pytest.mark.skipif(not GOLDEN, reason="the five orders are not beside this repository")
each_form = pytest.mark.parametrize("form", FORMS)
each_real = pytest.mark.parametrize("golden", GOLDEN, ids=lambda path: path.stem[:3])
each_invented = pytest.mark.parametrize("golden", INVENTED, ids=lambda path: path.stem)


def saved_orders(suffix: str) -> dict[str, bytes]:
    """Save every order in each form, all in one run; by «name-form»."""
    texts = {golden.stem: SHARED / "seeds" / f"{golden.stem}.txt" for golden in GOLDEN}
    texts |= {golden.stem: golden.with_suffix(".txt") for golden in INVENTED}
    documents = {
        f"{name}-{form}": make(path.read_text("utf-8"))
        for name, path in texts.items()
        for form, make in FORMS.items()
    }
    return converted(documents, ".docx", suffix)


def plan_of(data: bytes, name: str) -> dict[str, Any]:
    """Read a file as the bot does."""
    return plan_to_json(read_plan(data, name))


def expected(golden: Path) -> dict[str, Any]:
    """Give what people read."""
    found: dict[str, Any] = json.loads(golden.read_text("utf-8"))
    return found
