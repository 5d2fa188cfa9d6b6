"""Requests, the count of them, and leaving, built from facts far too large: Telegram takes each message."""

from collections import Counter
from collections.abc import Callable
from datetime import date

import pytest

from models.assignments import EvidenceKind
from models.organisations import Organisation, OrganisationKind
from models.people import Role
from services.access import SeatHeld
from services.burden import Burden, Count, PlaceBurden
from services.demands import MOST_TEXT, Asked, Crowded, Draft, Says, Sent
from services.leaving import Leaving, Left, Vacancy
from services.replies import PART, Reply
from simulator import sending
from tests.views.test_lengths import LONG, MOST_CAPTION, NOW, shown
from views import burden, demands, leaving
from views.screen import GOES_ON, Screen, message, visible

NAMES = tuple(f"{number} {LONG}" for number in range(300))
TEXT = ("<ё & " * 1000)[:MOST_TEXT]
SCHOOLS = [Organisation(id=one, short_name=LONG[:120], kind=OrganisationKind.SCHOOL) for one in range(300)]
CROWDED = tuple(Crowded(LONG, is_school=True, sent=12) for _ in range(300))
DRAFT = Draft(10**9, NAMES, TEXT, LONG, CROWDED, NOW, "Europe/Moscow", waits=True)
SENT = Sent(NAMES, NAMES, 300, NOW, "Europe/Moscow", waits=True)
SEAT = SeatHeld(10**9, Role.COORDINATOR, LONG[:200], 1, LONG[:120], "/1/", "/1/")
BURDEN = Burden(
    LONG,
    date(2026, 10, 1),
    tuple(PlaceBurden(one, LONG, Count(12_345, 12_345), 12_345) for one in range(300)),
    Count(1, 1),
    earlier=True,
    later=True,
)


def reply(says: Says, text: str = TEXT, pieces: int = 10) -> Reply:
    held = Counter(dict.fromkeys(EvidenceKind, 100))
    sent = ((EvidenceKind.PHOTO, "file"),) * pieces
    return Reply(says, LONG, LONG, LONG, text, 2, 3, sent, held, 5)


SCREENS: dict[str, Callable[[], Screen]] = {
    "whom to ask": lambda: demands.choice(SCHOOLS, 0),
    "the last page of whom to ask": lambda: demands.choice(SCHOOLS, 99),
    "the text of a request": lambda: demands.ask_text(DRAFT),
    "the preview": lambda: demands.preview(DRAFT),
    "the grounds": lambda: demands.ask_grounds(CROWDED),
    "the grounds of one": lambda: demands.ask_grounds(CROWDED[:1]),
    "no grounds": lambda: demands.grounds_needed(CROWDED),
    "a request that was sent": lambda: demands.sent(SENT),
    "a request": lambda: demands.asked(Asked(LONG, LONG, TEXT)),
    "an answer": lambda: demands.words(reply(Says.WORDS, "я" * PART)),
    "an acknowledgement": lambda: demands.passed(reply(Says.PASSED)),
    "a request nobody heard": lambda: demands.unheard(reply(Says.UNHEARD)),
    "how much was asked": lambda: burden.burden(BURDEN, 3),
    "which seat": lambda: leaving.which([SEAT] * 20),
    "are you sure": lambda: leaving.sure(Leaving(SEAT, 300)),
    "a seat that was left": lambda: leaving.left(Left(SEAT, (SEAT,) * 20)),
    "a free seat": lambda: leaving.vacant(Vacancy(LONG, LONG, Role.EXECUTOR, LONG, 300)),
}


@pytest.mark.parametrize("what", SCREENS)
def test_every_screen_of_requests_and_leaving_is_taken_however_large_the_facts(what: str) -> None:
    screen = SCREENS[what]()
    assert shown(message(screen, 1))["text"]


def test_neither_a_request_nor_an_answer_is_cut() -> None:
    for screen in (demands.asked(Asked(LONG, LONG, TEXT)), demands.words(reply(Says.WORDS, "я" * PART))):
        assert not shown(message(screen, 1))["text"].endswith(GOES_ON)
    assert TEXT.strip() in visible(demands.preview(DRAFT).text)


@pytest.mark.parametrize("pieces", [1, 10], ids=["a picture", "an album"])
def test_pieces_go_as_they_came_with_the_place_and_the_request_over_them(pieces: int) -> None:
    call = demands.reply(reply(Says.PIECES, pieces=pieces), 7)
    assert call["method"] == ("sendPhoto" if pieces == 1 else "sendMediaGroup")
    captioned = call if pieces == 1 else call["media"][0]
    caption = sending.caption_of(captioned)["caption"]
    assert caption.startswith("💬 Проведение")
    assert len(caption) <= MOST_CAPTION


@pytest.mark.parametrize(
    ("asked", "line"),
    [
        (Count(), "В этом месяце бот вас ни о чём не спрашивал."),
        (Count(1, 0), "В этом месяце бот обращался к вам 1 раз: напоминаний — 1, запросов координатора — 0."),
        (
            Count(2, 1),
            "В этом месяце бот обращался к вам 3 раза: напоминаний — 2, запросов координатора — 1.",
        ),
    ],
)
def test_an_executor_is_told_their_own_count(asked: Count, line: str) -> None:
    assert burden.own_line(asked) == line
