"""Logs: no token and no payload ever, whoever writes the line."""

import logging
from collections.abc import Iterator

import pytest
import structlog

from bot.logs import set_up_logs

TOKEN = "123456789:" + "AbC-_dEf9x" * 3 + "ABCDE"


@pytest.fixture(autouse=True)
def _logs_are_as_before_afterwards() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level, loud = root.handlers[:], root.level, logging.raiseExceptions
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.raiseExceptions = loud
    structlog.reset_defaults()


def test_our_own_lines_go_to_stderr_with_their_facts(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logs()
    structlog.get_logger().info("a letter was sent", letter=7)
    captured = capsys.readouterr()
    assert "event='a letter was sent' letter=7" in captured.err
    assert captured.out == ""


@pytest.mark.parametrize("value", [TOKEN, f"https://host/bot{TOKEN}/getMe", ValueError(TOKEN), [TOKEN]])
def test_a_token_in_our_own_line_is_cut_out(value: object, capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logs()
    structlog.get_logger().warning("trouble", what=value)
    said = capsys.readouterr().err
    assert "<token>" in said
    assert "AbC-" not in said


def test_a_token_in_a_line_of_a_library_is_cut_out(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logs()
    logging.getLogger("aiohttp.client").warning("GET https://host/file/bot%s/a.jpg", TOKEN)
    said = capsys.readouterr().err
    assert said.rstrip().endswith("GET https://host/file/<token>/a.jpg")


def test_a_traceback_of_a_library_is_its_name_only(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logs()
    trouble = RuntimeError("Анна Директорова, +7 900 000-00-00")
    logging.getLogger("asyncio").error("Task exception was never retrieved", exc_info=trouble)
    said = capsys.readouterr().err
    assert "Task exception was never retrieved (RuntimeError)" in said
    assert "Анна" not in said
    assert "Traceback" not in said


def test_libraries_are_heard_from_warning_up(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logs()
    logging.getLogger("aiogram.event").info("Update id=1 is handled")
    assert capsys.readouterr().err == ""
