"""A wire to nowhere: aiogram's own reading of answers, with the answers written by the test."""

import json
from collections.abc import AsyncGenerator, Callable
from typing import Any

from aiogram import Bot
from aiogram.client.session.base import BaseSession
from aiogram.methods import TelegramMethod
from aiogram.methods.base import TelegramType

TOKEN = "42:" + "T" * 35

Call = dict[str, Any]
Reply = Exception | tuple[int, str]
Answering = Callable[[str, Call], Reply]


def ok(result: Any) -> Reply:
    return 200, json.dumps({"ok": True, "result": result})


def refused(code: int, description: str, **parameters: Any) -> Reply:
    said = {"ok": False, "error_code": code, "description": description, "parameters": parameters}
    return code, json.dumps(said)


def message(message_id: int, chat_id: int = 7) -> dict[str, Any]:
    return {"message_id": message_id, "date": 1, "chat": {"id": chat_id, "type": "private"}}


class Wire(BaseSession):
    """Gives each call to a function, and what that answers to aiogram."""

    def __init__(self, answering: Answering) -> None:
        super().__init__()
        self.answering = answering
        self.calls: list[tuple[str, Call]] = []
        self.content: list[bytes] = []
        self.broken: Exception | None = None

    async def close(self) -> None:
        """Nothing is open."""

    async def make_request(
        self,
        bot: Bot,
        method: TelegramMethod[TelegramType],
        timeout: int | None = None,  # noqa: ARG002, ASYNC109 - aiogram's own signature
    ) -> TelegramType:
        """Answer as the test wants it."""
        name = method.__api_method__
        call = method.model_dump(exclude_none=True, warnings=False)
        self.calls.append((name, call))
        reply = self.answering(name, call)
        if isinstance(reply, Exception):
            raise reply
        response = self.check_response(bot=bot, method=method, status_code=reply[0], content=reply[1])
        result: Any = response.result
        return result  # type: ignore[no-any-return]

    async def stream_content(
        self,
        url: str,  # noqa: ARG002 - aiogram's own signature
        headers: dict[str, Any] | None = None,  # noqa: ARG002
        timeout: int = 30,  # noqa: ARG002, ASYNC109
        chunk_size: int = 65536,  # noqa: ARG002
        raise_for_status: bool = True,  # noqa: ARG002
    ) -> AsyncGenerator[bytes, None]:
        """Give the bytes of any file, piece by piece."""
        for piece in self.content:
            yield piece
        if self.broken is not None:
            raise self.broken


def bot_on(answering: Answering) -> tuple[Bot, Wire]:
    wire = Wire(answering)
    return Bot(TOKEN, session=wire), wire
