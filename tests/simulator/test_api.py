"""The simulator answers as the real server does: held against aiogram's own client."""

import asyncio
from datetime import timedelta

import aiohttp
import pytest
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramConflictError,
    TelegramForbiddenError,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)
from aiogram.types import BotCommand, BotCommandScopeChat, BufferedInputFile, InputMediaPhoto
from aiohttp import web

from simulator import Person, Simulator
from simulator.people import picture


async def test_text_is_parsed_counted_and_answered_as_aiogram_expects(bot: Bot, anna: Person) -> None:
    sent = await bot.send_message(7, "<b>Да</b> &lt;и&gt; нет 🔴 <i>тут</i>", parse_mode="HTML")
    assert sent.text == "Да <и> нет 🔴 тут"
    assert [(one.type, one.offset, one.length) for one in sent.entities or []] == [
        ("bold", 0, 2),
        ("italic", 14, 3),
    ]
    await bot.send_message(7, "я" * 4096)
    with pytest.raises(TelegramBadRequest, match="message is too long"):
        await bot.send_message(7, "я" * 4097)
    with pytest.raises(TelegramBadRequest, match="message text is empty"):
        await bot.send_message(7, "<b></b>", parse_mode="HTML")
    with pytest.raises(TelegramBadRequest, match="can't parse entities"):
        await bot.send_message(7, "a < b <b>", parse_mode="HTML")
    assert len(anna.inbox) == 2


async def test_edits_replies_and_buttons_are_refused_in_the_servers_words(bot: Bot, anna: Person) -> None:
    sent = await bot.send_message(7, "раз")
    with pytest.raises(TelegramBadRequest, match="message is not modified"):
        await bot.edit_message_text("раз", chat_id=7, message_id=sent.message_id)
    await bot.edit_message_text("два", chat_id=7, message_id=sent.message_id)
    with pytest.raises(TelegramBadRequest, match="message to edit not found"):
        await bot.edit_message_text("три", chat_id=7, message_id=999)
    with pytest.raises(TelegramBadRequest, match="message to be replied not found"):
        await bot.send_message(7, "ответ", reply_to_message_id=999)
    assert anna.last["text"] == "два"


async def test_people_who_block_vanish_or_never_started_are_forbidden(
    sim: Simulator, bot: Bot, anna: Person
) -> None:
    anna.blocks()
    with pytest.raises(TelegramForbiddenError, match="blocked by the user"):
        await bot.send_message(7, "привет")
    anna.unblocks()
    await bot.send_message(7, "привет")
    anna.deactivates()
    with pytest.raises(TelegramForbiddenError, match="deactivated"):
        await bot.send_message(7, "привет")
    sim.person("Борис", user_id=8)
    with pytest.raises(TelegramForbiddenError, match="can't initiate"):
        await bot.send_message(8, "привет")
    with pytest.raises(TelegramBadRequest, match="chat not found"):
        await bot.send_message(9, "привет")
    updates = await bot.get_updates()
    assert [one.my_chat_member.new_chat_member.status for one in updates if one.my_chat_member] == [
        "kicked",
        "member",
    ]


async def test_updates_stay_until_an_offset_confirms_them_and_presses_live_150_seconds(
    sim: Simulator, bot: Bot, anna: Person
) -> None:
    anna.sends("раз")
    anna.sends("два")
    first = await bot.get_updates(limit=1)
    assert [one.message.text for one in await bot.get_updates() if one.message] == ["раз", "два"]
    rest = await bot.get_updates(offset=first[0].update_id + 1)
    assert [one.message.text for one in rest if one.message] == ["два"]
    anna.presses(anna.chat[-1], data="x")
    sim.clock.advance(timedelta(seconds=151))
    assert [one.event_type for one in await bot.get_updates()] == ["message"]
    sim.clock.advance(timedelta(hours=24))
    assert await bot.get_updates() == []


async def test_the_older_waiting_poll_is_ended_by_a_newer_one(sim: Simulator, bot: Bot, anna: Person) -> None:
    async with asyncio.TaskGroup() as group:
        older = group.create_task(_conflicts(bot))
        while sim.calls("getUpdates") == []:
            await sim.world.change(1)
        newer = group.create_task(bot.get_updates(timeout=5))
        assert await older
        anna.sends("привет")
        assert len(await newer) == 1


async def _conflicts(bot: Bot) -> bool:
    try:
        await bot.get_updates(timeout=20)
    except TelegramConflictError:
        return True
    return False


async def test_albums_come_as_separate_messages_and_photos_in_several_sizes(
    sim: Simulator, bot: Bot, anna: Person
) -> None:
    anna.sends_album(3, "подпись", caption_on=1, shuffle_seed=1)
    messages = [one.message for one in await bot.get_updates() if one.message]
    assert len({message.media_group_id for message in messages}) == 1
    assert sorted(filter(None, (message.caption for message in messages))) == ["подпись"]
    photo = messages[0].photo
    assert photo is not None
    assert len(photo) > 1
    assert len({size.file_unique_id for size in photo}) == len(photo)
    file = await bot.get_file(photo[-1].file_id)
    assert file.file_path is not None
    data = await bot.download_file(file.file_path)
    assert data is not None
    assert data.read().startswith(b"\xff\xd8")
    sent = await bot.send_media_group(
        7,
        [
            InputMediaPhoto(media=photo[-1].file_id),
            InputMediaPhoto(media=BufferedInputFile(picture(), "a.jpg")),
        ],
    )
    assert len(sent) == 2
    with pytest.raises(TelegramBadRequest, match="wrong file_id"):
        await bot.get_file("nothing")


async def test_a_press_is_answered_once_and_shows_its_words(sim: Simulator, bot: Bot, anna: Person) -> None:
    message = await bot.send_message(7, "выбор")
    callback = anna.presses(anna.chat[-1], data="a:1")
    await bot.answer_callback_query(callback, text="Готово")
    with pytest.raises(TelegramBadRequest, match="query is too old"):
        await bot.answer_callback_query(callback)
    assert anna.popups == ["Готово"]
    assert message.message_id == anna.chat[-1]["message_id"]


async def test_commands_are_kept_by_scope(bot: Bot, anna: Person) -> None:
    scope = BotCommandScopeChat(chat_id=7)
    await bot.set_my_commands([BotCommand(command="plan", description="пункты")], scope=scope)
    assert [one.command for one in await bot.get_my_commands(scope=scope)] == ["plan"]
    assert await bot.get_my_commands() == []
    await bot.delete_my_commands(scope=scope)
    assert await bot.get_my_commands(scope=scope) == []


async def test_faults_happen_as_often_as_asked_and_are_told_from_executed_calls(
    sim: Simulator, bot: Bot, anna: Person
) -> None:
    sim.faults.error("sendMessage", 429, "Too Many Requests: retry after 3", retry_after=3)
    with pytest.raises(TelegramRetryAfter) as refused:
        await bot.send_message(7, "раз")
    assert refused.value.retry_after == 3
    sim.faults.delivered_then_dropped("sendMessage")
    sim.faults.drop("sendMessage")
    for _ in range(2):
        with pytest.raises(Exception, match=r"ServerDisconnected|ClientOS|Connection"):
            await bot.send_message(7, "два")
    assert [message["text"] for message in anna.inbox] == ["два"]
    assert [call.executed for call in sim.calls("sendMessage")] == [False, True, False]


async def test_the_honest_limits_refuse_a_burst(sim: Simulator, bot: Bot, anna: Person) -> None:
    sim.world.flood_limits = True
    for _ in range(3):
        await bot.send_message(7, "раз")
    with pytest.raises(TelegramRetryAfter):
        await bot.send_message(7, "два")


async def test_a_wrong_token_is_unauthorized(sim: Simulator) -> None:
    session = AiohttpSession(api=TelegramAPIServer.from_base(sim.base_url))
    async with Bot("43:" + "X" * 35, session=session).context() as stranger:
        with pytest.raises(TelegramUnauthorizedError):
            await stranger.get_me()


async def test_a_webhook_gets_the_secret_and_what_failed_again(
    sim: Simulator, bot: Bot, anna: Person
) -> None:
    got: list[tuple[str | None, int]] = []
    done = asyncio.Event()

    async def receive(request: web.Request) -> web.Response:
        got.append(
            (request.headers.get("X-Telegram-Bot-Api-Secret-Token"), (await request.json())["update_id"])
        )
        if len(got) == 1:
            return web.Response(status=503)
        done.set()
        return web.Response()

    app = web.Application()
    app.router.add_post("/hook", receive)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    await bot.set_webhook(f"http://127.0.0.1:{port}/hook", secret_token="s3cret")
    anna.sends("привет")
    async with asyncio.timeout(5):
        await done.wait()
    with pytest.raises(TelegramConflictError, match="webhook is active"):
        await bot.get_updates()
    await bot.delete_webhook()
    await runner.cleanup()
    assert [secret for secret, _ in got] == ["s3cret", "s3cret"]
    assert got[0][1] == got[1][1]


async def test_the_control_of_the_page_sends_presses_uploads_and_moves_the_clock(
    sim: Simulator, bot: Bot, anna: Person
) -> None:
    sim.phones = [7]
    await bot.send_message(7, "привет")
    async with aiohttp.ClientSession(sim.base_url) as page:
        state = await (await page.get("/sim/state")).json()
        assert state["people"][0]["messages"][0]["text"] == "привет"
        await page.post("/sim/send", json={"person": 7, "text": "ответ"})
        form = aiohttp.FormData({"person": "7", "caption": "фото"})
        form.add_field("files", picture(), filename="a.jpg", content_type="image/jpeg")
        assert (await page.post("/sim/upload", data=form)).status == 200
        before = sim.clock.now()
        await page.post("/sim/clock", json={"advance_seconds": 86400})
        assert sim.clock.now() - before >= timedelta(days=1)
        assert (await page.post("/sim/send", json={"person": 8, "text": "x"})).status == 404
        assert (await (await page.get("/")).text()).startswith("<!doctype html>")
    assert [message.get("text") or message.get("caption") for message in anna.chat] == [
        "привет",
        "ответ",
        "фото",
    ]
