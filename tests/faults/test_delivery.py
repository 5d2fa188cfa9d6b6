"""What can go wrong on the way out: the production courier and sender over HTTP, and a server in trouble."""

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from itertools import pairwise

import pytest
from sqlalchemy import select

from bot.pace import Pace
from models.database import Database
from models.letters import LetterItem, LetterState
from scheduler.courier import AT_ONCE
from scheduler.ledger import MOST_COPIES
from services.letters import Priority
from simulator import Simulator
from tests.faults.killing import LONG
from tests.faults.postoffice import (
    DAY_BEFORE,
    LAST_DAY,
    Post,
    planned,
    plugged_in,
    post_office,
    principal,
    unplugged,
)

LOOK = 1.0  # seconds between the courier's looks at what has become due meanwhile
HAND = 0.25  # seconds that the work itself may take on a busy machine
CLIENT_PATIENCE = 0.4  # seconds for which the client waits for an answer: sixty in service


@pytest.fixture
async def post(database: Database, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Post]:
    async with post_office(database, monkeypatch) as opened:
        yield opened


def too_many(post: Post, chat_id: int, seconds: int) -> None:
    post.sim.faults.error(
        "sendMessage",
        429,
        f"Too Many Requests: retry after {seconds}",
        retry_after=seconds,
        chat_id=chat_id,
    )


def refused(post: Post, chat_id: int) -> Callable[[], bool]:
    return lambda: any(one.error and one.params.get("chat_id") == chat_id for one in post.sim.journal)


# --- C1: 429 ------------------------------------------------------------------------------------


@pytest.mark.parametrize("seconds", [1, 3] if LONG else [1])
async def test_a_chat_that_floods_waits_exactly_as_told_and_the_others_go_on(
    post: Post, seconds: int
) -> None:
    post.pace = Pace()
    too_many(post, 1, seconds)
    await post.writes("первому", 1)
    async with post.open():
        await post.until(refused(post, 1))
        for chat in range(2, 22):
            await post.writes("другому", chat)
        await post.until(lambda: len(post.sim.sent_texts()) == 21)
    first, again = post.arrivals(1)
    waited = (again - first).total_seconds()
    assert seconds <= waited <= seconds + LOOK + HAND
    others = [post.arrivals(chat)[0] for chat in range(2, 22)]
    assert max(others) < first + timedelta(seconds=seconds)
    assert {letter.tries for letter in await post.letters()} == {1}  # a flood is no try


async def test_a_chat_that_must_wait_ten_minutes_waits_ten_minutes(post: Post) -> None:
    post.pace = Pace()
    too_many(post, 1, 600)
    waiting = await post.writes("первому", 1)
    async with post.open():
        await post.until(refused(post, 1))
        await post.writes("другому", 2)
        await post.until(lambda: bool(post.seen(2)))
        first = post.arrivals(1)[0]
        post.clock_moves(seconds=598)
        await post.writes("третьему", 3)
        await post.until(lambda: bool(post.seen(3)))
        assert post.now - first < timedelta(seconds=600)
        assert len(post.arrivals(1)) == 1
        post.clock_moves(seconds=2)
        await post.until(lambda: bool(post.seen(1)))
    assert timedelta(seconds=600) <= post.arrivals(1)[1] - first <= timedelta(seconds=602)
    assert (await post.letter(waiting)).tries == 1


async def test_after_a_429_the_others_are_tried_one_at_a_time_until_one_is_answered(post: Post) -> None:
    post.pace = Pace()
    post.sim.faults.latency(0.1)
    too_many(post, 1, 3)
    await post.writes("первому", 1)
    async with post.open():
        await post.until(refused(post, 1))
        for chat in range(2, 8):
            await post.writes("другому", chat)
        await post.until(lambda: len(post.sim.sent_texts()) == 6)
    probe, *rest = sorted(post.arrivals(chat)[0] for chat in range(2, 8))
    assert rest[0] - probe >= timedelta(seconds=0.1)
    assert rest[-1] - rest[0] < timedelta(seconds=0.1)


async def test_a_bot_that_is_blocked_itself_costs_one_probe_and_then_waits_for_the_longest_time(
    post: Post,
) -> None:
    post.pace = Pace()
    post.sim.world.flood_block = 2.0
    post.sim.faults.latency(0.05)
    too_many(post, 1, 1)
    await post.writes("первому", 1)
    async with post.open():
        await post.until(refused(post, 1))
        blocked_at = post.arrivals(1)[0]
        for chat in range(2, 12):
            await post.writes("другому", chat)
        await post.until(lambda: len(post.sim.sent_texts()) == 11)
    assert post.sim.world.refusals == 1
    sent = [one for one in post.sim.calls("sendMessage") if one.executed]
    assert sent[0].at >= blocked_at + timedelta(seconds=2)  # not the one second of the first refusal
    assert sent[1].at - sent[0].at >= timedelta(seconds=0.05)  # one probe, then everybody
    assert {letter.tries for letter in await post.letters()} == {1}


# --- C2: the server in trouble --------------------------------------------------------------------

TROUBLES: dict[str, Callable[[Simulator, int], None]] = {
    "500": lambda sim, times: sim.faults.error("sendMessage", 500, "Internal Server Error", times=times),
    "502 of a proxy": lambda sim, times: sim.faults.html_502("sendMessage", times=times),
    "an empty body": lambda sim, times: sim.faults.empty("sendMessage", times=times),
    "half of a JSON": lambda sim, times: sim.faults.malformed("sendMessage", times=times),
}


@pytest.mark.parametrize("trouble", TROUBLES)
async def test_a_server_in_trouble_is_asked_again_later_and_later_and_at_last_delivers(
    post: Post, trouble: str
) -> None:
    TROUBLES[trouble](post.sim, 2)
    letter_id = await post.writes("Срок сегодня", 1)
    async with post.open():
        await post.until(lambda: len(post.arrivals(1)) == 1)
        await post.still()
        assert (await post.letter(letter_id)).state is LetterState.WAITING
        for _ in range(2):
            await post.passes(seconds=15)
    letter = await post.letter(letter_id)
    assert (letter.state, letter.trouble) == (LetterState.DELIVERED, None)
    assert post.seen(1) == ["Срок сегодня"]
    pauses = [later - sooner for sooner, later in pairwise(post.arrivals(1))]
    assert len(pauses) == 2
    assert min(pauses) >= timedelta(seconds=2)


async def test_ten_minutes_of_a_proxy_in_trouble_lose_nothing_and_cost_five_minutes_more_at_most(
    post: Post,
) -> None:
    for chat in range(1, 41):
        await post.writes("Срок сегодня", chat, list(Priority)[chat % 4])
    post.sim.faults.outage(html=True)
    async with post.open():
        await post.passes_in_trouble(minutes=10)
        post.sim.faults.back()
        for _ in range(5):
            await post.passes(minutes=1)
    assert Counter(post.sim.sent_texts()) == {(chat, "Срок сегодня"): 1 for chat in range(1, 41)}
    assert {(one.state, one.unsure) for one in await post.letters()} == {(LetterState.DELIVERED, 0)}


# --- C3, C4: accepted, and no answer ----------------------------------------------------------------

SILENCES: dict[str, Callable[[Simulator, int], None]] = {
    "accepted, then no answer": lambda sim, times: sim.faults.accept_then_hang("sendMessage", times=times),
    "an answer cut off": lambda sim, times: sim.faults.truncated("sendMessage", times=times),
    "headers, then silence": lambda sim, times: sim.faults.half("sendMessage", times=times),
    "a connection lost": lambda sim, times: sim.faults.delivered_then_dropped("sendMessage", times=times),
}


@pytest.mark.parametrize("silence", SILENCES)
async def test_what_was_taken_without_an_answer_is_said_twice_at_most_and_the_row_says_so(
    post: Post, silence: str
) -> None:
    post.bot.session.timeout = CLIENT_PATIENCE
    SILENCES[silence](post.sim, 1)
    letter_id = await post.writes("Срок сегодня", 1)
    other = await post.writes("Другому", 2)
    async with post.open():
        await post.until(lambda: len(post.arrivals(1)) + len(post.arrivals(2)) == 2)
        await post.still()
        doubtful = [one for one in await post.letters() if one.unsure]
        assert [(one.state, one.unsure, one.trouble) for one in doubtful] == [
            (LetterState.WAITING, 1, "network")
        ]
        await post.passes(seconds=3)
    copies = Counter(chat for chat, _ in post.sim.sent_texts())
    assert sorted(copies.values()) == [1, 2]
    for one in (await post.letter(letter_id), await post.letter(other)):
        assert (one.state, one.unsure) == (LetterState.DELIVERED, copies[one.chat_id] - 1)


@pytest.mark.parametrize("silence", SILENCES)
async def test_a_letter_that_never_gets_an_answer_is_said_three_times_and_given_up_as_doubtful(
    post: Post, silence: str
) -> None:
    post.bot.session.timeout = CLIENT_PATIENCE
    SILENCES[silence](post.sim, 99)
    letter_id = await post.writes("Срок сегодня", 1)
    async with post.open():
        for _ in range(MOST_COPIES + 2):
            await post.passes(hours=1)
    letter = await post.letter(letter_id)
    assert len(post.seen(1)) == MOST_COPIES == 3
    assert (letter.state, letter.trouble, letter.unsure) == (LetterState.DROPPED, "ambiguous", MOST_COPIES)


async def test_an_answer_that_is_merely_late_is_no_doubt(post: Post) -> None:
    post.bot.session.timeout = CLIENT_PATIENCE
    post.sim.faults.hang("sendMessage", CLIENT_PATIENCE / 2)
    letter_id = await post.writes("Срок сегодня", 1)
    async with post.open():
        await post.still()
    letter = await post.letter(letter_id)
    assert (letter.state, letter.unsure, post.seen(1)) == (LetterState.DELIVERED, 0, ["Срок сегодня"])


# --- C5: two hours without a network ------------------------------------------------------------------

Outage = tuple[Callable[[Post], Awaitable[None]], Callable[[Post], Awaitable[None]]]


async def resets(post: Post) -> None:
    post.sim.faults.outage()


async def works_again(post: Post) -> None:
    post.sim.faults.back()


OUTAGES: dict[str, Outage] = {
    "no connection": (unplugged, plugged_in),
    "every call reset": (resets, works_again),
}


@pytest.mark.parametrize("outage", list(OUTAGES) if LONG else list(OUTAGES)[:1])
async def test_two_hours_without_a_network_in_a_wave_lose_nothing_and_what_is_urgent_goes_first(
    post: Post, outage: str
) -> None:
    begins, ends = OUTAGES[outage]
    urgency = {await post.writes(f"№ {n}", 1 + n % 50, list(Priority)[n % 4]): n % 4 for n in range(100)}
    post.sim.faults.latency(0.02)
    async with post.open():
        await post.until(lambda: len(post.sim.sent_texts()) >= 20)
        await begins(post)
        before = len(post.sim.sent_texts())
        await post.passes_in_trouble(hours=2)
        assert len(post.sim.sent_texts()) == before < 60
        await ends(post)
        await post.passes(minutes=5)
    found_ = await post.letters()
    assert {one.state for one in found_} == {LetterState.DELIVERED}
    doubtful = [one for one in found_ if one.unsure]
    assert len(doubtful) <= AT_ONCE  # what was on its way when the network went
    assert all(one.unsure == 1 for one in doubtful)
    assert {one.tries for one in found_ if not one.unsure} == {1}
    copies = Counter(post.sim.sent_texts())
    assert len(copies) == 100
    assert sum(copies.values()) - 100 <= len(doubtful)
    number = {one.payload["text"]: one.id for one in found_ if one.payload is not None}
    after = [urgency[number[text]] for _, text in post.sim.sent_texts()[before:]]
    for place, urgent in enumerate(after):  # as many as go side by side may overtake one another
        assert sum(later < urgent for later in after[place:]) < AT_ONCE
    of_chat: dict[int, list[int]] = {}
    for chat, text in dict.fromkeys(post.sim.sent_texts()[before:]):
        if number[text] not in {one.id for one in doubtful}:
            of_chat.setdefault(chat, []).append(urgency[number[text]])
    assert all(told == sorted(told) for told in of_chat.values())


async def test_a_reminder_held_up_to_the_next_day_is_told_in_the_next_one(post: Post) -> None:
    await principal(post)
    (held,) = await planned(post, DAY_BEFORE)
    await unplugged(post)
    async with post.open():
        await post.passes_in_trouble(hours=2)
        _, fresh = await planned(post, LAST_DAY)
        await plugged_in(post)
        await post.passes(minutes=1)
    (text,) = post.seen(2)
    assert "Срок сегодня" in text
    superseded = await post.letter(held.id)
    assert (superseded.state, superseded.trouble) == (LetterState.CANCELLED, "superseded")
    assert (superseded.tries, superseded.unsure) == (0, 0)
    assert (await post.letter(fresh.id)).state is LetterState.DELIVERED
    async with post.database.reading() as session:
        carried = [(one.letter_id, one.step) for one in await session.scalars(select(LetterItem))]
    assert sorted(carried) == [(fresh.id, "d+0"), (fresh.id, "d-1")]


# --- C6: markup that is refused -------------------------------------------------------------------------


async def test_a_name_that_looks_like_markup_costs_the_markup_and_not_the_words(post: Post) -> None:
    said = "<b>Принято</b>: Иван <b, 3 &lt; 4 &amp; 5"
    text = await post.writes(said, 1, parse_mode="HTML")
    nested = await post.writes("<b>Отчёт <i>школы</b> № 5</i>", 2, parse_mode="HTML")
    unknown = await post.writes("<b>Школа</b> <школа>", 3, parse_mode="HTML")
    async with post.open():
        await post.still()
    assert [post.seen(chat) for chat in (1, 2, 3)] == [
        ["Принято: Иван <b, 3 < 4 & 5"],
        ["Отчёт школы № 5"],
        ["Школа <школа>"],
    ]
    for letter_id in (text, nested, unknown):
        letter = await post.letter(letter_id)
        assert (letter.state, letter.unsure) == (LetterState.DELIVERED, 0)
