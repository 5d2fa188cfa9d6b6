"""The window rule against an honest server on a simulated clock: fast, and never refused."""

import heapq
import random
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import inf

import pytest

from bot.pace import Pace

MESSAGES = 3000
LIMIT = 30
HURRY = 1e-9  # seconds that make up for rounding


@dataclass
class Server:
    """Counts arrivals as Telegram does: so many in any second, one a second in each chat."""

    refusals: int = 0
    arrivals: deque[float] = field(default_factory=deque)
    chats: dict[int, float] = field(default_factory=dict)

    def arrives(self, chat_id: int, moment: float) -> None:
        while self.arrivals and self.arrivals[0] <= moment - 1:
            self.arrivals.popleft()
        if len(self.arrivals) >= LIMIT or self.chats.get(chat_id, -inf) > moment - 1:
            self.refusals += 1
        self.arrivals.append(moment)
        self.chats[chat_id] = moment


def deliver(
    chats: Sequence[int], way: Callable[[], float], sends: list[float] | None = None
) -> tuple[float, int]:
    """Send one message to each chat of a list at the pace; give (messages a second, refusals).

    The moments of the sends are added to ``sends``.
    """
    pace, server = Pace(), Server()
    sends = [] if sends is None else sends
    queue, events = list(reversed(chats)), list[tuple[float, str, int, float]]()
    waiting = deque[int]()
    now = 0.0
    while queue or waiting or events:
        while queue and len(waiting) < LIMIT:
            waiting.append(queue.pop())
        wait, chat = min((pace.wait(chat, now), chat) for chat in waiting) if waiting else (inf, 0)
        if wait <= 0:
            waiting.remove(chat)
            pace.sent(chat, now)
            sends.append(now)
            there, back = way(), way()
            heapq.heappush(events, (now + there, "arrives", chat, 0.0))
            heapq.heappush(events, (now + there + back, "answered", chat, there + back))
            continue
        if events and events[0][0] <= now + wait:
            now, what, chat, round_trip = heapq.heappop(events)
            if what == "arrives":
                server.arrives(chat, now)
            else:
                pace.answered(chat, now, round_trip)
        else:
            now += wait + HURRY
    return (len(chats) - LIMIT) / (now - 1), server.refusals


def even(seed: int) -> Callable[[], float]:
    dice = random.Random(seed)
    return lambda: dice.uniform(0.015, 0.060)


def far(seed: int) -> Callable[[], float]:
    dice = random.Random(seed)
    return lambda: dice.uniform(0.100, 0.150)


def heavy(seed: int) -> Callable[[], float]:
    dice = random.Random(seed)
    return lambda: min(0.015 + dice.paretovariate(1.5) * 0.01, 3.0)


@pytest.mark.parametrize("way", [even, far])
@pytest.mark.parametrize("seed", range(3))
def test_a_broadcast_takes_95_percent_of_the_limit_and_is_never_refused(
    seed: int, way: Callable[[int], Callable[[], float]]
) -> None:
    rate, refusals = deliver(range(1, MESSAGES + 1), way(seed))
    assert refusals == 0
    assert rate >= 0.95 * LIMIT


def test_three_messages_for_each_person_are_as_fast() -> None:
    chats = [chat for _ in range(3) for chat in range(1, MESSAGES // 3 + 1)]
    rate, refusals = deliver(chats, even(7))
    assert refusals == 0
    assert rate >= 0.95 * LIMIT


def test_a_network_with_a_heavy_tail_costs_some_speed_and_no_refusal() -> None:
    rate, refusals = deliver(range(1, MESSAGES + 1), heavy(5))
    assert refusals == 0
    assert rate >= 0.92 * LIMIT


@pytest.mark.parametrize("way", [even, far, heavy])
def test_an_answer_in_the_middle_of_a_wave_need_not_wait_for_the_next_burst(
    way: Callable[[int], Callable[[], float]],
) -> None:
    sends = list[float]()
    deliver(range(1, MESSAGES + 1), way(3), sends)
    quiet = sorted(later - sooner for sooner, later in pairwise(sends))
    assert quiet[-1] < 0.75  # a burst of thirty would be followed by a second of silence
    assert quiet[int(0.99 * len(quiet))] < 0.4


def test_a_few_answers_at_rest_go_at_once() -> None:
    pace = Pace()
    for chat in range(15):
        assert pace.wait(chat, 100.0) == 0
        pace.sent(chat, 100.0)
    assert 0 < pace.wait(15, 100.0) <= 1 / 30


def test_room_taken_ahead_of_its_moment_is_taken_once() -> None:
    pace = Pace(per_second=2)
    for chat, moment in ((1, 100.0), (2, 100.3)):
        pace.sent(chat, moment)
        pace.answered(chat, moment, 0.0)
    assert pace.room(100.5) == pytest.approx(0.5)
    pace.sent(3, 101.0)
    assert pace.room(100.5) == pytest.approx(0.8)
    pace.sent(4, 101.3)
    assert pace.room(100.5) == inf
    pace.released(4)
    assert pace.room(100.5) == pytest.approx(0.8)


def test_a_chat_takes_one_message_at_a_time_and_the_next_a_second_after_its_answer() -> None:
    pace = Pace()
    assert pace.wait(5, 100.0) == 0
    pace.sent(5)
    assert pace.wait(5, 100.0) == inf
    assert pace.wait(6, 100.0) == 0
    pace.answered(5, 100.2, 0.2)
    assert pace.wait(5, 100.2) == pytest.approx(1.0)
    assert pace.wait(5, 101.3) == 0


def test_what_was_not_sent_after_all_leaves_its_place() -> None:
    pace = Pace(per_second=1)
    pace.sent(5)
    assert pace.wait(6, 100.0) == inf
    pace.released(5)
    assert pace.wait(6, 100.0) == 0


def test_a_group_hears_at_most_twenty_messages_a_minute() -> None:
    pace, now, heard = Pace(per_chat=0), 0.0, list[float]()
    while len(heard) < 45:
        now += pace.wait(-100, now)
        pace.sent(-100)
        now += 0.1
        pace.answered(-100, now, 0.1)
        heard.append(now)
    assert all(later - sooner >= 60 for sooner, later in zip(heard, heard[20:], strict=False))
    assert heard[-1] < 130


def test_a_refusal_stops_its_chat_for_its_time_and_others_go_one_by_one_until_one_is_taken() -> None:
    pace = Pace()
    pace.sent(5)
    pace.refused(5, 100.0, 7)
    assert pace.wait(5, 100.0) == pytest.approx(7)
    assert pace.wait(6, 100.0) == 0
    pace.sent(6)
    assert pace.wait(7, 100.1) == inf
    pace.answered(6, 100.2, 0.1)
    assert pace.wait(7, 100.2) == 0
    assert pace.wait(5, 100.2) == pytest.approx(6.8)
    assert pace.wait(5, 107.0) == 0


def test_a_refusal_of_a_second_chat_means_the_bot_itself_and_everybody_waits() -> None:
    pace = Pace()
    for chat in (5, 6):
        pace.sent(chat)
    pace.refused(5, 100.0, 7)
    pace.refused(6, 100.1, 5)
    assert pace.wait(8, 102.0) == pytest.approx(3.1)
    assert pace.blocked(102.0) == pytest.approx(3.1)
    assert pace.wait(8, 105.2) == 0
    pace.sent(8)
    assert pace.wait(9, 105.3) == inf
    pace.refused(8, 105.4, 4)
    assert pace.wait(9, 105.5) == pytest.approx(3.9)
    pace.sent(9)
    pace.answered(9, 110.0, 0.1)
    assert pace.wait(10, 110.0) == 0


def test_the_same_chat_refused_again_stops_nobody_else() -> None:
    pace = Pace()
    for _ in range(2):
        pace.sent(5)
        pace.refused(5, 100.0, 7)
    assert pace.wait(6, 100.1) == 0


def test_chats_of_long_ago_are_forgotten() -> None:
    pace = Pace()
    for chat in range(10_000):
        pace.sent(chat)
        pace.answered(chat, chat / 10, 0.05)
    assert len(pace._chat_free) <= 10 * pace.per_second + 1
