"""What goes wrong on the wire goes wrong as asked, as often as asked, and leaves a log to check by."""

import asyncio
import time

import aiohttp
import pytest
from aiogram import Bot
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramConflictError,
    TelegramForbiddenError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)

from simulator import Person, Simulator
from simulator.faults import ALWAYS


def calls_executed(sim: Simulator) -> list[bool]:
    return [call.executed for call in sim.calls("sendMessage")]


async def test_empty_and_malformed_answers_cannot_be_decoded_and_say_whether_they_were_executed(
    sim: Simulator, bot: Bot, anna: Person
) -> None:
    sim.faults.empty("sendMessage")
    sim.faults.empty("sendMessage", executed=True)
    sim.faults.malformed("sendMessage")
    sim.faults.html_502("sendMessage")
    for number in range(4):
        with pytest.raises(ClientDecodeError):
            await bot.send_message(7, str(number))
    assert calls_executed(sim) == [False, True, False, False]
    assert [call.fault for call in sim.calls("sendMessage")] == ["malformed"] * 3 + ["html_502"]
    assert sim.sent_texts() == [(7, "1")]


async def test_a_truncated_answer_was_executed_and_promised_more_than_came(
    sim: Simulator, bot: Bot, anna: Person
) -> None:
    sim.faults.truncated("sendMessage")
    async with (
        aiohttp.ClientSession(sim.base_url) as raw,
        raw.post(f"/bot{sim.world.token}/sendMessage", json={"chat_id": 7, "text": "раз"}) as answer,
    ):
        assert answer.status == 200
        assert answer.content_length is not None
        got = await answer.content.readany()
        assert 0 < len(got) < answer.content_length
        with pytest.raises(aiohttp.ClientPayloadError):
            await answer.content.readany()
    sim.faults.truncated("sendMessage")
    with pytest.raises(TelegramNetworkError):
        await bot.send_message(7, "два")
    assert sim.sent_texts() == [(7, "раз"), (7, "два")]


async def test_half_an_answer_is_headers_and_then_silence(sim: Simulator, anna: Person) -> None:
    sim.faults.half("sendMessage")
    async with aiohttp.ClientSession(sim.base_url) as raw:
        send = raw.post(f"/bot{sim.world.token}/sendMessage", json={"chat_id": 7, "text": "раз"})
        async with asyncio.timeout(2), send as answer:
            assert answer.status == 200
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.2):
                    await answer.read()
    assert [message["text"] for message in anna.inbox] == ["раз"]


async def test_a_call_that_is_accepted_and_never_answered_was_executed(
    sim: Simulator, bot: Bot, anna: Person
) -> None:
    sim.faults.accept_then_hang("sendMessage", seconds=0.2)
    began = time.monotonic()
    with pytest.raises(TelegramNetworkError):
        await bot.send_message(7, "раз")
    assert time.monotonic() - began >= 0.2
    sim.faults.accept_then_hang("sendMessage")
    with pytest.raises(TelegramNetworkError):
        await bot.send_message(7, "два", request_timeout=1)
    sim.faults.hang("sendMessage", 0.1)
    assert (await bot.send_message(7, "три")).text == "три"  # a hang is a late answer
    assert [text for _, text in sim.sent_texts()] == ["раз", "два", "три"]


async def test_a_fault_is_of_one_chat_and_of_so_many_calls(sim: Simulator, bot: Bot, anna: Person) -> None:
    sim.person("Борис", user_id=8).starts()
    sim.faults.drop("sendmessage", chat_id=8, times=2)
    await bot.send_message(7, "Анне")
    for _ in range(2):
        with pytest.raises(TelegramNetworkError):
            await bot.send_message(8, "Борису")
    await bot.send_message(8, "Борису")
    assert sim.sent_texts() == [(7, "Анне"), (8, "Борису")]
    sim.faults.error("sendMessage", 500, "Internal Server Error", times=ALWAYS)
    sim.faults.clear()
    await bot.send_message(7, "Анне")


async def test_an_outage_resets_everything_and_the_waiting_poll_until_it_is_over(
    sim: Simulator, bot: Bot, anna: Person
) -> None:
    waiting = asyncio.ensure_future(bot.get_updates(timeout=20))
    while not sim.calls("getUpdates"):
        await sim.world.change(0.02)
    sim.faults.outage()
    with pytest.raises(TelegramNetworkError):
        await waiting
    for call in (bot.get_me(), bot.send_message(7, "раз"), bot.get_updates(timeout=20)):
        with pytest.raises(TelegramNetworkError):
            await call
    anna.sends("слышно?")
    sim.faults.outage(html=True)
    with pytest.raises(ClientDecodeError):
        await bot.get_me()
    sim.faults.back()
    assert (await bot.get_me()).id == 42
    assert len(await bot.get_updates()) == 1
    assert sim.sent_texts() == []


async def test_a_call_on_its_way_when_the_network_goes_is_not_executed(
    sim: Simulator, bot: Bot, anna: Person
) -> None:
    sim.faults.slow_chat(7, 0.1)
    sending = asyncio.ensure_future(bot.send_message(7, "раз"))
    while not sim.calls("sendMessage"):
        await sim.world.change(0.02)
    sim.faults.outage()
    with pytest.raises(TelegramNetworkError):
        await sending
    assert calls_executed(sim) == [False]


async def test_one_slow_chat_does_not_slow_the_others(sim: Simulator, bot: Bot, anna: Person) -> None:
    sim.person("Борис", user_id=8).starts()
    sim.faults.latency(lambda method, _chat: 0.01 if method == "sendMessage" else 0.0)
    sim.faults.slow_chat(7, 0.3)
    await asyncio.gather(bot.send_message(7, "Анне"), bot.send_message(8, "Борису"))
    assert sim.sent_texts() == [(8, "Борису"), (7, "Анне")]


async def test_what_was_sent_is_told_as_it_was_read_then_even_if_it_is_edited_later(
    sim: Simulator, bot: Bot, anna: Person
) -> None:
    sent = await bot.send_message(7, "<b>Раз</b>", parse_mode="HTML")
    await bot.edit_message_text("Два", chat_id=7, message_id=sent.message_id)
    anna.blocks()
    with pytest.raises(TelegramForbiddenError):
        await bot.send_message(7, "Три")
    assert sim.sent_texts() == [(7, "Раз")]
    assert len(sim.executed("sendMessage")) == 1
    assert len(sim.executed("editMessageText")) == 1


async def test_a_revoked_token_and_a_second_copy_last_and_end_the_waiting_poll(
    sim: Simulator, bot: Bot, anna: Person
) -> None:
    waiting = asyncio.ensure_future(bot.get_updates(timeout=20))
    while not sim.calls("getUpdates"):
        await sim.world.change(0.02)
    sim.faults.second_copy()
    with pytest.raises(TelegramConflictError):
        await waiting
    with pytest.raises(TelegramConflictError):
        await bot.get_updates()
    await bot.send_message(7, "раз")
    sim.faults.clear()
    sim.faults.token_revoked()
    for call in (bot.get_updates(), bot.send_message(7, "два")):
        with pytest.raises(TelegramUnauthorizedError):
            await call


async def test_a_poll_whose_client_is_dead_uses_up_no_fault(sim: Simulator, bot: Bot) -> None:
    async with aiohttp.ClientSession(sim.base_url) as dead:
        poll = asyncio.ensure_future(dead.post(f"/bot{sim.world.token}/getUpdates", json={"timeout": 20}))
        while not sim.calls("getUpdates"):
            await sim.world.change(0.02)
        poll.cancel()
    await bot.get_me()  # by now the server has seen the connection close
    sim.faults.error("getUpdates", 401, "Unauthorized")
    with pytest.raises(TelegramUnauthorizedError):
        await bot.get_updates()


async def test_the_server_can_go_and_come_back_at_its_address(sim: Simulator, bot: Bot, anna: Person) -> None:
    port = int(sim.base_url.rpartition(":")[2])
    await sim.stop()
    with pytest.raises(TelegramNetworkError):
        await bot.send_message(7, "раз")
    anna.sends("слышно?")
    await sim.start(port=port)
    await bot.send_message(7, "два")
    assert len(await bot.get_updates()) == 1


async def test_polling_is_refused_for_a_while_or_answered_with_nonsense(
    sim: Simulator, bot: Bot, anna: Person
) -> None:
    anna.sends("раз")
    sim.faults.error("getUpdates", 429, "Too Many Requests: retry after 30", retry_after=30)
    with pytest.raises(TelegramRetryAfter) as refused:
        await bot.get_updates()
    assert refused.value.retry_after == 30
    sim.faults.malformed("getUpdates", '{"ok": true, "result": {"update_id": "five"}}')
    with pytest.raises(ClientDecodeError):
        await bot.get_updates()
    assert len(await bot.get_updates()) == 1


async def test_the_page_can_ask_for_faults_too(sim: Simulator, bot: Bot, anna: Person) -> None:
    async with aiohttp.ClientSession(sim.base_url) as page:
        await page.post("/sim/faults", json={"kind": "truncated", "method": "sendMessage", "chat_id": 7})
        with pytest.raises(TelegramNetworkError):
            await bot.send_message(7, "раз")
        await page.post("/sim/faults", json={"kind": "outage"})
        with pytest.raises(TelegramNetworkError):
            await bot.send_message(7, "два")
        await page.post("/sim/faults", json={"kind": "back"})
        await bot.send_message(7, "три")
        assert (await page.post("/sim/faults", json={"kind": "flood of frogs"})).status == 400
    assert [text for _, text in sim.sent_texts()] == ["раз", "три"]
