"""The rules of the house that no linter knows."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("bot", "handlers", "views", "services", "models", "scheduler", "plans", "exports", "simulator")
WORDLESS = ("handlers", "services", "models", "scheduler")
RUSSIAN = re.compile(r"[А-Яа-яЁё]{3,}")
MOST_LINES = 500
HANDLER_LINES = 15


def sources(*rooms: str) -> list[Path]:
    return [
        path for room in rooms for path in sorted((ROOT / room).rglob("*.py")) if "versions" not in path.parts
    ]


def functions(path: Path) -> list[ast.AsyncFunctionDef | ast.FunctionDef]:
    tree = ast.parse(path.read_text())
    return [node for node in ast.walk(tree) if isinstance(node, ast.AsyncFunctionDef | ast.FunctionDef)]


def body_lines(function: ast.AsyncFunctionDef | ast.FunctionDef) -> int:
    body = function.body
    if isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        body = body[1:]
    return 0 if not body else (body[-1].end_lineno or 0) - body[0].lineno + 1


@pytest.mark.parametrize("path", sources("handlers"), ids=lambda path: path.name)
def test_no_handler_is_longer_than_fifteen_lines(path: Path) -> None:
    too_long = {
        function.name: body_lines(function)
        for function in functions(path)
        if isinstance(function, ast.AsyncFunctionDef) and body_lines(function) > HANDLER_LINES
    }
    assert too_long == {}


@pytest.mark.parametrize("path", sources(*ROOMS), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_file_stays_one_room(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= MOST_LINES


@pytest.mark.parametrize("path", sources(*WORDLESS), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_russian_words_live_in_views_only(path: Path) -> None:
    tree = ast.parse(path.read_text())
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    said = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in docstrings
        and RUSSIAN.search(node.value)
    ]
    assert [text for text in said if text not in SEED_WORDS] == []


# Titles of seats are rows of the database from the first day, and the grammar of «every school» is data.
SEED_WORDS = {
    "директор",
    "ответственный исполнитель",
    "координатор",
    "сотрудник муниципалитета",
    "администратор",
    "да",
    "отправить",
    "отправляй",
    "на проверку",
    "готово",
    (
        r"(руководители\s+|директора\s+|администрации\s+)?"
        r"(оо|оу|обще?образовательн\w+\s+(организац\w+|учрежден\w+)|образовательн\w+\s+организац\w+|школ\w*)"
    ),
}


def test_nothing_is_called_utils() -> None:
    vague = {"utils", "helpers", "common", "core", "misc", "manager"}
    assert [str(path) for path in sources(*ROOMS) if path.stem in vague or path.parent.name in vague] == []


@pytest.mark.parametrize("page", sorted(ROOT.glob("*.md")) + sorted((ROOT / "docs").rglob("*.md")), ids=str)
def test_every_link_of_the_docs_leads_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text())
    local = [target for target in targets if not target.startswith(("http://", "https://", "mailto:"))]
    assert [target for target in local if not (page.parent / target).exists()] == []


def test_the_glossary_names_every_table() -> None:
    import models

    glossary = (ROOT / "docs" / "glossary.md").read_text()
    names = {mapper.class_.__name__ for mapper in models.Base.registry.mappers}
    assert {name for name in names if f"`{name}`" not in glossary} == set()
