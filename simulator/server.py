"""The server: the Bot API, downloads, the page, and the control of the demo, on loopback."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from aiohttp import web
from aiohttp.multipart import BodyPartReader

from simulator import api, wire
from simulator.clock import SimulatedClock
from simulator.control import routes
from simulator.errors import ApiError
from simulator.faults import Faults
from simulator.people import Group, Person
from simulator.polling import Cut, Polling
from simulator.sending import Params
from simulator.webhook import Webhook
from simulator.world import Call, World

MOST_UPLOAD = 60 * 1024 * 1024
STRUCTURED = frozenset(
    {
        "reply_markup",
        "reply_parameters",
        "media",
        "allowed_updates",
        "scope",
        "commands",
        "link_preview_options",
        "entities",
        "caption_entities",
        "reaction",
    }
)
NUMBERS = frozenset(
    {"chat_id", "message_id", "offset", "limit", "timeout", "reply_to_message_id", "max_connections"}
)
FLAGS = frozenset({"allow_sending_without_reply", "drop_pending_updates", "disable_notification"})


class Simulator:
    """A Telegram for one bot; starts empty, lives until it is stopped."""

    def __init__(self, token: str = "42:TEST", username: str = "roadmap_bot") -> None:
        self.world = World(token, username)
        self.polling = Polling(self.world)
        self.webhook = Webhook(self.world, self.polling.end_polls)
        self.people: dict[int, Person] = {}
        self.phones: list[int] = []  # whose phones the page shows
        self.on_clock: Callable[[timedelta], Awaitable[None]] | None = None
        self.base_url = ""
        self._runner: web.AppRunner | None = None

    # --- what tests and the demo hold -------------------------------------------------------

    @property
    def clock(self) -> SimulatedClock:
        """The clock that can be moved."""
        return self.world.clock

    @property
    def faults(self) -> Faults:
        """The faults that can be asked for."""
        return self.world.faults

    @property
    def journal(self) -> list[Call]:
        """Every call, in order."""
        return self.world.journal

    def calls(self, method: str) -> list[Call]:
        """List the calls of one method."""
        return [one for one in self.world.journal if one.method.lower() == method.lower()]

    def executed(self, method: str) -> list[Call]:
        """List the calls of one method that were executed, whatever became of the answer."""
        return [one for one in self.calls(method) if one.executed]

    def sent_texts(self) -> list[tuple[int, str]]:
        """List chat and text (or caption) of every executed send, in order; an album is several."""
        return list(self.world.sent)

    def person(self, name: str, *, user_id: int, username: str | None = None) -> Person:
        """Give a person by their id, making them on the first call."""
        if user_id not in self.people:
            self.people[user_id] = Person(self.world, user_id, name, username)
        return self.people[user_id]

    def group(self, title: str, *, chat_id: int = -1001) -> Group:
        """Make a group with the bot in it."""
        return Group(self.world, chat_id, title)

    def deliver(self, update: dict[str, Any]) -> None:
        """Deliver an update, also a second time or a broken one."""
        self.world.deliver(update)

    # --- running ----------------------------------------------------------------------------

    async def start(self, *, host: str = "127.0.0.1", port: int = 0) -> None:
        """Begin to serve; ``base_url`` says where. Raises OSError where the port is taken."""
        app = web.Application(client_max_size=MOST_UPLOAD)
        app.router.add_route("*", "/bot{token}/{method}", self._call)
        app.router.add_get("/file/bot{token}/{path:.+}", self._download)
        routes(app, self)
        self._runner = web.AppRunner(app, handle_signals=False, shutdown_timeout=0.5)
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, port)
        await site.start()
        port = self._runner.addresses[0][1]
        self.base_url = f"http://{host}:{port}"
        self.world.closing.clear()
        self.webhook.resume()

    async def stop(self) -> None:
        """Stop serving."""
        self.world.closing.set()
        self.polling.end_polls()
        await self.webhook.close()
        if self._runner is not None:
            await self._runner.cleanup()

    @asynccontextmanager
    async def running(self, *, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator["Simulator"]:
        """Serve until the block ends."""
        await self.start(host=host, port=port)
        try:
            yield self
        finally:
            await self.stop()

    # --- the Bot API ------------------------------------------------------------------------

    async def _call(self, request: web.Request) -> web.StreamResponse:
        if request.match_info["token"] != self.world.token:
            return wire.refusal(ApiError(401, "Unauthorized"))
        method = request.match_info["method"]
        params, uploads = await _params(request)
        noted = Call(len(self.world.journal) + 1, self.world.clock.now(), method, params)
        self.world.journal.append(noted)
        fault = self.world.faults.take(method, params.get("chat_id"))
        answer = web.Response()
        if fault is None or fault.executed:
            try:
                answer = await self._execute(request, noted, params, uploads)
            except Cut as cut:
                fault = cut.fault
        if fault is None:
            self.world.beat()
            return answer
        noted.fault = fault.kind
        if not noted.executed and noted.error is None:
            noted.error = fault.kind
        self.world.beat()
        return await wire.broken(request, self.world, fault, answer)

    async def _execute(
        self, request: web.Request, noted: Call, params: Params, uploads: api.Uploads
    ) -> web.Response:
        method = noted.method
        try:
            if method.lower() == "getupdates":
                noted.answer = await self.polling.get_updates(params, lambda: wire.gone(request))
            elif method.lower() == "setwebhook":
                noted.answer = self.webhook.set(params)
            else:
                await self._on_the_way(method, params)
                noted.answer = api.call(self.world, method, params, uploads)
        except ApiError as error:
            noted.error = error.description
            return wire.refusal(error)
        noted.executed = True
        if method.lower().startswith("send"):
            self.world.sent.extend(_shown(noted.answer))
        return web.json_response({"ok": True, "result": noted.answer})

    async def _on_the_way(self, method: str, params: Params) -> None:
        await self.world.faults.wait(method, params.get("chat_id"))
        if (down := self.world.faults.down) is not None:
            raise Cut(down)

    async def _download(self, request: web.Request) -> web.StreamResponse:
        if (down := self.world.faults.down) is not None:
            return await wire.broken(request, self.world, down, web.Response())
        kept = self.world.files.by_path.get(request.match_info["path"])
        if request.match_info["token"] != self.world.token or kept is None:
            return web.json_response({"ok": False, "error_code": 404, "description": "Not Found"}, status=404)
        return web.Response(body=kept.data)


def _shown(answer: Any) -> list[tuple[int, str]]:
    messages = answer if isinstance(answer, list) else [answer]
    return [
        (one["chat"]["id"], one.get("text") or one.get("caption") or "")
        for one in messages
        if isinstance(one, dict)
    ]


async def _params(request: web.Request) -> tuple[Params, api.Uploads]:
    """Read the parameters of a call, however they were sent."""
    params: Params = dict(request.query)
    uploads: api.Uploads = {}
    if request.content_type == "application/json":
        params |= await request.json()
    elif request.content_type.startswith("multipart/"):
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader) or part.name is None:
                continue
            data = bytes(await part.read())
            if part.filename is not None:
                uploads[part.name] = (part.filename, data)
            else:
                params[part.name] = data.decode()
    elif request.can_read_body:
        params |= {key: str(value) for key, value in (await request.post()).items()}
    return {key: _value(key, value) for key, value in params.items()}, uploads


def _value(key: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if key in STRUCTURED:
        return json.loads(value)
    if key in NUMBERS and value.lstrip("-").isdigit():
        return int(value)
    if key in FLAGS:
        return value.lower() in {"true", "1"}
    return value
