"""The short form of the suite runs on SQLite, but for what is about PostgreSQL; the long form on both."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import BACKENDS, fresh_database

LONG = os.environ.get("FAULTS") == "long"


@pytest.fixture(params=BACKENDS if LONG else BACKENDS[:1])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give the address of a fresh migrated database."""
    yield from fresh_database(request, tmp_path)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave what is marked as long to the long form."""
    if LONG:
        return
    long = [item for item in items if item.get_closest_marker("long") is not None]
    if long:
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if item not in long]
