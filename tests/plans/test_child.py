"""The child process itself, as the bot starts it."""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from bot.children import ChildFailed, run_child
from tests.plans.word import with_part, word_of

ROOT = Path(__file__).parents[2]
ORDER = "План на 2023 год\n\n№\tМероприятие\tСрок\tОтветственные\n1\tСеминар\tмай\tОО\n"


def child(data: bytes, *arguments: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "plans.child", *arguments],
        input=data,
        capture_output=True,
        check=True,
        cwd=ROOT,
        timeout=60,
    )
    (line,) = done.stdout.decode().splitlines()
    found: dict[str, Any] = json.loads(line)
    return found


def test_a_child_prints_the_plan_as_one_line() -> None:
    assert child(ORDER.encode(), "приказ.txt")["plan"]["rows"][0]["title"] == "Семинар"


def test_a_child_reads_word_within_its_limits() -> None:
    assert len(child(word_of(ORDER), "приказ.docx")["plan"]["rows"]) == 1


def test_a_refusal_is_an_answer_with_its_facts() -> None:
    assert child(b"\x89PNG", "a.png") == {"error": {"kind": "WrongFormat", "facts": {"suffix": ".png"}}}
    assert child(b"no table", "a.txt") == {"error": {"kind": "NotAnOrder", "facts": {}}}


def test_a_bomb_is_refused_and_not_unpacked() -> None:
    bomb = with_part(word_of(ORDER), "word/document.xml", b"<a>" + b"\0" * 100_000_000 + b"</a>")
    assert child(bomb, "bomb.docx")["error"]["kind"] == "TooLarge"


def test_a_child_reads_lists_of_schools() -> None:
    assert child("МБОУ СОШ № 1".encode(), "--schools", "a.txt") == {"schools": [["МБОУ СОШ № 1", "СОШ № 1"]]}


def test_a_file_named_like_an_option_is_still_a_file() -> None:
    assert len(child(ORDER.encode(), "--schools")["plan"]["rows"]) == 1


def test_thousands_of_rows_that_are_all_alike_are_read_within_the_limits() -> None:
    row = "{}\tПроведение семинара для учителей начальных классов\tмай\tОтдел образования\n"
    text = ORDER + "".join(row.format(number) for number in range(2, 4900))
    assert len(child(text.encode(), "приказ.txt")["plan"]["rows"]) == 4899


async def test_the_bot_does_not_wait_for_a_child_longer_than_it_says() -> None:
    began = time.monotonic()
    with pytest.raises(ChildFailed) as failed:
        await run_child("plans.child", ["приказ.txt"], ORDER.encode(), seconds=0.05)
    assert failed.value.reason == "timeout"
    assert time.monotonic() - began < 5
