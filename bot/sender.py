"""The wire: a call becomes a method of aiogram, and whatever happens becomes an outcome."""

import asyncio
import re
from contextlib import suppress
from html import unescape
from typing import Any

import aiohttp
import structlog
from aiogram import Bot, methods
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramAPIError,
    TelegramBadRequest,
    TelegramConflictError,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiogram.methods import TelegramMethod
from aiogram.types import BufferedInputFile, Message
from pydantic import ValidationError

from bot.stores import Damaged, Store, StoreUnavailable
from scheduler.courier import FLOOD, OUT_OF_REACH
from scheduler.outcomes import Delivered, Dropped, Later, Moved, Outcome, Rewrite

log = structlog.get_logger()

Call = dict[str, Any]

PRESS_PATIENCE = 5.0  # seconds: the chat's next update waits for no longer
STORE_PAUSE = 60.0  # seconds before a store that gives nothing is asked again
SOON = 2.0  # seconds before another try of what may be over in a moment
PROXY = re.compile(r"\s*<(!doctype|html|head|body|center)", re.IGNORECASE)
GATEWAY_TIMEOUT = "504"  # of a proxy that has waited in vain: the server may have done it
TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
GONE = ("chat not found", "user not found", "PEER_ID_INVALID")
NO_EDIT = ("message to edit not found", "message can't be edited", "there is no text in the message to edit")


class Sender:
    """Sends one call and says what became of it; never raises for what the network or Telegram does.

    Where the way was in trouble, it is asked first for what does no harm: of many letters only those that
    were on their way then may have arrived.
    """

    def __init__(self, bot: Bot, store: Store | None = None) -> None:
        self.bot = bot
        self.store = store
        self._in_doubt = False
        self._knocks = 0
        self._knocking = asyncio.Lock()

    async def send(self, call: Call) -> Outcome:
        """Send a call: {"method": a Bot API name, and its parameters}."""
        try:
            method = method_of(await self._with_files(call))
        except (ValidationError, AttributeError, KeyError):
            return Dropped("the call is malformed")
        except (FileNotFoundError, Damaged):
            return Dropped("a stored file is gone")
        except StoreUnavailable as trouble:
            log.error("the store of files gives nothing", why=str(trouble))
            return Later(STORE_PAUSE, "the store is out of reach")
        if self._in_doubt and not await self._knock():
            return _out_of_reach()
        outcome = await self._sent(method, call)
        self._in_doubt = self._in_doubt or (isinstance(outcome, Later) and outcome.counted)
        return outcome

    async def _with_files(self, call: Call) -> Call:
        """Put the bytes of stored files where a call names them: {"stored": SHA-256, "name": …}."""
        if self.store is None:
            return call
        filled: Call = await self._filled(call, self.store)
        return filled

    async def _filled(self, value: Any, store: Store) -> Any:
        if isinstance(value, list):
            return [await self._filled(one, store) for one in value]
        if not isinstance(value, dict):
            return value
        if value.keys() == {"stored", "name"}:
            return BufferedInputFile(await asyncio.to_thread(store.get, value["stored"]), value["name"])
        return {key: await self._filled(one, store) for key, one in value.items()}

    async def _knock(self) -> bool:
        """Tell whether Telegram answers again; who waited for another's knock hears what it found."""
        heard_before = self._knocks
        async with self._knocking:
            if self._in_doubt and self._knocks == heard_before:
                outcome = await self._sent(methods.GetMe(), {})
                self._in_doubt = isinstance(outcome, Later) and outcome.why != FLOOD
                self._knocks += 1
            return not self._in_doubt

    async def _sent(self, method: TelegramMethod[Any], call: Call) -> Outcome:
        try:
            return Delivered(message_ids(await self.bot(method)))
        except (TelegramAPIError, ClientDecodeError) as error:
            return outcome_of(error, call)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            return _out_of_reach() if never_left(error) else Later(SOON, type(error).__name__, unknown=True)

    async def answer_press(self, callback_query_id: str, text: str | None) -> None:
        """Answer a press, best effort: it dies within seconds, and nothing depends on it."""
        call = {"method": "answerCallbackQuery", "callback_query_id": callback_query_id, "text": text}
        with suppress(TimeoutError):
            async with asyncio.timeout(PRESS_PATIENCE):
                await self.send(call)


def method_of(call: Call) -> TelegramMethod[Any]:
    """Give aiogram's method of a call. Raises ValidationError, AttributeError, KeyError."""
    name = call["method"]
    made: type[TelegramMethod[Any]] = getattr(methods, name[0].upper() + name[1:])
    return made(**{key: value for key, value in call.items() if key != "method"})


def message_ids(result: Any) -> tuple[int, ...]:
    """List the messages a call became."""
    if isinstance(result, Message):
        return (result.message_id,)
    if isinstance(result, list):
        return tuple(one.message_id for one in result if isinstance(one, Message))
    return ()


def outcome_of(error: TelegramAPIError | ClientDecodeError, call: Call) -> Outcome:  # noqa: C901, PLR0911 - a table
    """Read an error: the one table of what is temporary, permanent or unknown."""
    match error:
        case TelegramRetryAfter():
            return Later(float(error.retry_after), FLOOD, counted=False)
        case TelegramMigrateToChat():
            return Moved(error.migrate_to_chat_id)
        case TelegramForbiddenError():
            return Dropped(error.message, unreachable=True)
        case TelegramBadRequest():
            return _bad_request(error, call)
        case TelegramNotFound() | TelegramEntityTooLarge():
            return Dropped(type(error).__name__)
        case TelegramUnauthorizedError() | TelegramConflictError():
            return Later(30.0, type(error).__name__, counted=False)
        case TelegramServerError():
            return Later(SOON, "5xx")  # the server says itself that it has not done it
        case TelegramNetworkError() if never_left(error):
            return _out_of_reach()
        case TelegramNetworkError():
            return Later(SOON, "network", unknown=True)
        case ClientDecodeError():
            return _unreadable(error.data)
        case _:
            return Later(SOON, type(error).__name__, unknown=True)


def _unreadable(answer: Any) -> Outcome:
    """Read what can be read of an answer: that the call was executed, or that a proxy spoke instead."""
    if isinstance(answer, dict) and answer.get("ok") is True and "result" in answer:
        return Delivered(_ids_in(answer["result"]))
    if isinstance(answer, str) and PROXY.match(answer):
        return Later(SOON, "a page of a proxy", unknown=GATEWAY_TIMEOUT in answer)
    return Later(SOON, "an unreadable answer", unknown=True)


def _ids_in(result: Any) -> tuple[int, ...]:
    parts = result if isinstance(result, list) else [result]
    found = [part.get("message_id") for part in parts if isinstance(part, dict)]
    return tuple(one for one in found if isinstance(one, int))


def never_left(error: BaseException | None) -> bool:
    """Tell whether a call failed before there was a connection: nothing of it can have been executed."""
    while error is not None:
        if isinstance(error, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError):
            return True
        error = error.__cause__ or error.__context__
    return False


def _out_of_reach() -> Later:
    return Later(0.0, OUT_OF_REACH, counted=False)


def _bad_request(error: TelegramBadRequest, call: Call) -> Outcome:
    said = error.message
    if "message is not modified" in said:
        return Delivered()
    if any(words in said for words in NO_EDIT):
        anew = {key: value for key, value in call.items() if key != "message_id"}
        return Rewrite(anew | {"method": "sendMessage"}, "the message could not be edited")
    if "can't parse entities" in said:
        return Rewrite(plain(call), "the markup was refused")
    if any(words in said for words in GONE):
        return Dropped("chat not found", unreachable=True)
    return Dropped(said.partition(":")[2].strip()[:100] or "400")


def plain(call: Call) -> Call:
    """Take the markup out of a call: the same words without tags."""
    bare = {key: value for key, value in call.items() if key != "parse_mode"}
    for key in ("text", "caption"):
        if isinstance(bare.get(key), str):
            bare[key] = unescape(TAG.sub("", bare[key]))
    if isinstance(bare.get("media"), list):
        bare["media"] = [plain(one) for one in bare["media"]]
    return bare
