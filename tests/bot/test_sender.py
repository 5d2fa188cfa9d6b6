"""The wire: a call goes out as written, and whatever happens becomes one of five outcomes."""

import aiohttp
import pytest
from aiogram.exceptions import TelegramNetworkError
from aiogram.methods import GetMe

from bot.sender import Sender, plain
from scheduler.courier import FLOOD, OUT_OF_REACH
from scheduler.outcomes import Delivered, Dropped, Later, Moved, Outcome, Rewrite
from tests.bot.wire import Call, Reply, bot_on, message, ok, refused

HELLO: Call = {"method": "sendMessage", "chat_id": 7, "text": "<b>1 &lt; 2</b>", "parse_mode": "HTML"}
EDIT: Call = HELLO | {"method": "editMessageText", "message_id": 5}


async def outcome(call: Call, reply: Reply) -> Outcome:
    bot, _ = bot_on(lambda _name, _call: reply)
    return await Sender(bot).send(call)


@pytest.mark.parametrize(
    ("call", "result", "ids"),
    [
        (HELLO, message(11), (11,)),
        (EDIT, message(5), (5,)),
        ({"method": "sendPhoto", "chat_id": 7, "photo": "file-id"}, message(12), (12,)),
        ({"method": "sendDocument", "chat_id": 7, "document": "file-id"}, message(13), (13,)),
        (
            {
                "method": "sendMediaGroup",
                "chat_id": 7,
                "media": [{"type": "photo", "media": "one"}, {"type": "document", "media": "two"}],
            },
            [message(14), message(15)],
            (14, 15),
        ),
        (
            {"method": "setMyCommands", "commands": [{"command": "start", "description": "Начало"}]},
            True,
            (),
        ),
    ],
)
async def test_what_telegram_took_is_delivered_with_every_message_id(
    call: Call, result: object, ids: tuple[int, ...]
) -> None:
    assert await outcome(call, ok(result)) == Delivered(ids)


async def test_the_call_goes_out_as_it_was_worded() -> None:
    bot, wire = bot_on(lambda _name, _call: ok(message(11)))
    await Sender(bot).send(HELLO | {"reply_parameters": {"message_id": 3}})
    name, sent = wire.calls[0]
    assert name == "sendMessage"
    assert (sent["chat_id"], sent["text"], sent["parse_mode"]) == (7, "<b>1 &lt; 2</b>", "HTML")
    assert sent["reply_parameters"]["message_id"] == 3


async def test_a_flood_waits_as_long_as_telegram_says() -> None:
    assert await outcome(HELLO, refused(429, "Too Many Requests: retry after 7", retry_after=7)) == Later(
        7.0, FLOOD, counted=False
    )


@pytest.mark.parametrize(
    ("code", "description"),
    [
        (403, "Forbidden: bot was blocked by the user"),
        (403, "Forbidden: user is deactivated"),
        (403, "Forbidden: bot can't initiate conversation with a user"),
        (403, "Forbidden: bot was kicked from the group chat"),
        (400, "Bad Request: chat not found"),
    ],
)
async def test_a_reader_who_is_gone_is_unreachable(code: int, description: str) -> None:
    found = await outcome(HELLO, refused(code, description))
    assert isinstance(found, Dropped)
    assert found.unreachable


async def test_another_bad_request_is_our_own_bug() -> None:
    assert await outcome(HELLO, refused(400, "Bad Request: message text is empty")) == Dropped(
        "message text is empty"
    )


async def test_a_call_that_makes_no_sense_is_not_even_sent() -> None:
    bot, wire = bot_on(lambda _name, _call: ok(result=None))
    assert isinstance(await Sender(bot).send({"method": "sendMessage", "text": "кому?"}), Dropped)
    assert isinstance(await Sender(bot).send({"method": "sendNothing"}), Dropped)
    assert wire.calls == []


async def test_refused_markup_is_said_again_without_it() -> None:
    found = await outcome(HELLO, refused(400, "Bad Request: can't parse entities: unclosed tag"))
    assert isinstance(found, Rewrite)
    assert found.call == {"method": "sendMessage", "chat_id": 7, "text": "1 < 2"}


@pytest.mark.parametrize("description", ["message to edit not found", "message can't be edited"])
async def test_an_edit_that_cannot_be_made_becomes_a_message_of_its_own(description: str) -> None:
    found = await outcome(EDIT, refused(400, f"Bad Request: {description}"))
    assert isinstance(found, Rewrite)
    assert found.call == HELLO


async def test_an_edit_that_changes_nothing_is_delivered() -> None:
    said = "Bad Request: message is not modified: specified new message content is exactly the same"
    assert await outcome(EDIT, refused(400, said)) == Delivered()


async def test_a_group_that_moved_says_where_to() -> None:
    said = refused(400, "Bad Request: group chat was upgraded", migrate_to_chat_id=-1007)
    assert await outcome(HELLO, said) == Moved(-1007)


@pytest.mark.parametrize(
    "reply",
    [
        (504, "<html><h1>504 Gateway Time-out</h1></html>"),
        (200, "not json at all"),
        (200, ""),
        TelegramNetworkError(GetMe(), "ServerDisconnectedError"),
        aiohttp.ServerDisconnectedError(),
        OSError("broken pipe"),
        TimeoutError(),
    ],
)
async def test_what_may_have_been_executed_is_tried_later_and_counted(reply: Reply) -> None:
    found = await outcome(HELLO, reply)
    assert isinstance(found, Later)
    assert found.unknown


@pytest.mark.parametrize(
    "reply", [refused(500, "Internal Server Error"), (502, "<html>502 Bad Gateway</html>")]
)
async def test_what_the_server_says_it_has_not_done_is_tried_later_and_was_not_delivered(
    reply: Reply,
) -> None:
    found = await outcome(HELLO, reply)
    assert isinstance(found, Later)
    assert (found.unknown, found.counted) == (False, True)


async def test_an_answer_that_cannot_be_read_in_full_but_says_ok_is_a_delivery() -> None:
    taken = '{"ok": true, "result": {"message_id": 11, "chat": "of a shape nobody knows yet"}}'
    assert await outcome(HELLO, (200, taken)) == Delivered((11,))
    album = '{"ok": true, "result": [{"message_id": 11, "date": "?"}, {"message_id": 12}]}'
    assert await outcome(HELLO, (200, album)) == Delivered((11, 12))


async def test_a_connection_that_was_never_made_executed_nothing() -> None:
    refusal = aiohttp.ClientConnectorError(
        connection_key=None,  # type: ignore[arg-type]
        os_error=ConnectionRefusedError(),
    )
    error = TelegramNetworkError(GetMe(), "no connection")
    error.__cause__ = refusal
    assert await outcome(HELLO, error) == Later(0.0, OUT_OF_REACH, counted=False)
    assert await outcome(HELLO, refusal) == Later(0.0, OUT_OF_REACH, counted=False)


async def test_a_call_that_timed_out_on_its_way_may_have_arrived_one_that_never_left_has_not() -> None:
    for reason, unknown in ((TimeoutError(), True), (aiohttp.ConnectionTimeoutError(), False)):
        error = TelegramNetworkError(GetMe(), "Request timeout error")
        error.__cause__ = reason
        found = await outcome(HELLO, error)
        assert isinstance(found, Later)
        assert found.unknown is unknown


@pytest.mark.parametrize(("code", "words"), [(401, "Unauthorized"), (409, "Conflict: another copy")])
async def test_trouble_with_the_token_keeps_the_letter(code: int, words: str) -> None:
    found = await outcome(HELLO, refused(code, words))
    assert isinstance(found, Later)
    assert not found.unknown


async def test_a_press_is_answered_and_its_death_is_no_matter() -> None:
    bot, wire = bot_on(lambda _name, _call: refused(400, "Bad Request: query is too old"))
    await Sender(bot).answer_press("q1", "Принято")
    assert wire.calls == [("answerCallbackQuery", {"callback_query_id": "q1", "text": "Принято"})]


def test_plain_words_keep_what_only_looks_like_a_tag() -> None:
    call = {
        "parse_mode": "HTML",
        "caption": "<b>Итоги</b>: 5 &lt; 7 &amp; 8",
        "media": [{"caption": "<i>а</i>"}],
    }
    assert plain(call) == {"caption": "Итоги: 5 < 7 & 8", "media": [{"caption": "а"}]}
