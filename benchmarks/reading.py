"""Reading an order of 40 and of 2,000 rows, against python-docx touching every cell of it.

Both are measured in a child process as the bot starts it, each by itself, warm, one after another;
the start of the child, from its birth until it can read, is measured apart.
"""

import asyncio
import io
import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence

from benchmarks.measure import Measure
from bot.children import run_child

HEADINGS = ("№ п/п", "Мероприятие", "Срок исполнения", "Ответственные", "Ожидаемый результат")
SIZES = ((40, 15), (2000, 3))  # rows, and how often they are read
STARTS = 7
LONGEST_START = 0.5  # seconds
CHILD_SECONDS = 60.0
ACTIONS = ("Проведение семинара", "Организация консультаций", "Анализ результатов", "Подготовка справки")
ABOUT = (
    "по итогам диагностики",
    "для молодых педагогов",
    "о работе с рисками",
    "об оценке качества",
    "по чтению",
)
DEADLINES = (
    *(
        "до {day} {of} 2026 года",
        "{month} 2026 года",
        "{month} – {next}",
        "не позднее {day}.{number:02}.2026",
    ),
    *(
        "с {day} по 28 {of} 2026 г.",
        "ежемесячно, до {day} числа",
        "{month}, {next} 2026 г.",
        "в течение года",
    ),
)
MONTHS = (
    "январь",
    "февраль",
    "март",
    "апрель",
    "май",
    "июнь",
    "июль",
    "сентябрь",
    "октябрь",
    "ноябрь",
    "декабрь",
)
OF = (
    "января",
    "февраля",
    "марта",
    "апреля",
    "мая",
    "июня",
    "июля",
    "сентября",
    "октября",
    "ноября",
    "декабря",
)
PARTIES = ("ОО", "Отдел образования, ОО", "Методический центр", "Руководители школ, методический центр")
RESULTS = ("Приказ", "Не менее 60 % педагогов", "Аналитическая справка", "Проведено не менее 5 вебинаров")


def texts(number: int) -> tuple[str, ...]:
    """Word a row; no two neighbours are alike in any column."""
    month = number * 5 % (len(MONTHS) - 1)
    deadline = DEADLINES[number % len(DEADLINES)].format(
        day=1 + number * 7 % 27,
        month=MONTHS[month],
        next=MONTHS[month + 1],
        of=OF[month],
        number=1 + number % 12,
    )
    action, about = ACTIONS[number % len(ACTIONS)], ABOUT[number // 4 % len(ABOUT)]
    title = f"{action} {about} в школах города, занятие {number}"
    return (
        f"{number}.",
        title,
        deadline,
        PARTIES[number // 2 % len(PARTIES)],
        RESULTS[number // 3 % len(RESULTS)],
    )


def order(rows: int) -> bytes:
    """Make a Word order of so many rows."""
    from docx import Document

    document = Document()
    document.add_paragraph("План мероприятий («дорожная карта») на 2026 год", "Title")
    table = document.add_table(rows + 1, len(HEADINGS))
    cells = table._cells  # noqa: SLF001 - one walk instead of a quadratic one
    for number in range(rows + 1):
        for place, text in enumerate(texts(number) if number else HEADINGS):
            cells[number * len(HEADINGS) + place].text = text
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def touch_every_cell(data: bytes) -> int:
    """Do what the usual way does: open and read every cell, row by row."""
    from docx import Document

    table = Document(io.BytesIO(data)).tables[0]
    return sum(len(cell.text) for row in table.rows for cell in row.cells)


def measures() -> Iterator[Measure]:
    """Measure the start of the child, a small and a large order."""
    yield Measure("the start of a reader (at most)", statistics.median(_starts()), LONGEST_START)
    for rows, times in SIZES:
        found = _in_child("read", str(times), data=order(rows))
        yield Measure(f"reading a docx of {rows} rows", found["ours"], found["floor"])


def _starts() -> Iterator[float]:
    for _ in range(STARTS):
        born = time.monotonic()  # one clock for all processes
        yield _in_child("start")["ready"] - born


def _in_child(*arguments: str, data: bytes = b"") -> dict[str, float]:
    output = asyncio.run(run_child("benchmarks.reading", arguments, data, seconds=CHILD_SECONDS))
    found: dict[str, float] = json.loads(output)
    return found


def main(arguments: Sequence[str]) -> None:
    """Be the child: ``start`` tells when it could read, ``read TIMES`` reads what comes on stdin."""
    from confinement.limits import confine

    confine()
    if arguments[0] == "start":
        import plans.formats.docx
        import plans.plan_json
        import plans.read  # noqa: F401 - all that the first order needs

        found = {"ready": time.monotonic()}
    else:
        found = _compared(sys.stdin.buffer.read(), int(arguments[1]))
    sys.stdout.write(json.dumps(found))


def _compared(data: bytes, times: int) -> dict[str, float]:
    """Give the medians of both ways, which take turns after a first round that is not counted."""
    from plans.read import read_plan

    ways: dict[str, Callable[[], object]] = {
        "ours": lambda: read_plan(data, "order.docx"),
        "floor": lambda: touch_every_cell(data),
    }
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(times + 1):
        for name, read in ways.items():
            started = time.perf_counter()
            read()
            taken[name].append(time.perf_counter() - started)
    return {name: statistics.median(seconds[1:]) for name, seconds in taken.items()}


if __name__ == "__main__":
    main(sys.argv[1:])
