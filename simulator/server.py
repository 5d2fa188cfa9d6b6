"""The server: the Bot API, downloads, the page, and the control of the demo, on loopback."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from aiohttp import web
from aiohttp.multipart import BodyPartReader

from simulator import api
from simulator.clock import SimulatedClock
from simulator.control import routes
from simulator.errors import ApiError
from simulator.faults import Fault, Faults, Kind
from simulator.people import Group, Person
from simulator.polling import Polling
from simulator.sending import Params
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
NUMBERS = frozenset({"chat_id", "message_id", "offset", "limit", "timeout", "reply_to_message_id"})
FLAGS = frozenset({"allow_sending_without_reply", "drop_pending_updates", "disable_notification"})


class Simulator:
    """A Telegram for one bot; starts empty, lives until it is stopped."""

    def __init__(self, token: str = "42:TEST", username: str = "roadmap_bot") -> None:
        self.world = World(token, username)
        self.polling = Polling(self.world)
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

    async def stop(self) -> None:
        """Stop serving."""
        await self.polling.close()
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
            return _answer_error(ApiError(401, "Unauthorized"))
        method = request.match_info["method"]
        params, uploads = await _params(request)
        noted = Call(len(self.world.journal) + 1, self.world.clock.now(), method, params)
        self.world.journal.append(noted)
        fault = self.world.faults.take(method, params.get("chat_id"))
        if fault is not None and fault.kind in (Kind.ERROR, Kind.HTML_502, Kind.DROP):
            noted.error = fault.kind
            return _broken(request, fault)
        answer = await self._execute(noted, method, params, uploads)
        if fault is not None and fault.kind is Kind.DELIVERED_THEN_DROPPED:
            return _broken(request, fault)
        if fault is not None and fault.kind is Kind.HANG:
            await asyncio.sleep(fault.seconds)
        self.world.beat()
        return answer

    async def _execute(
        self, noted: Call, method: str, params: Params, uploads: api.Uploads
    ) -> web.StreamResponse:
        try:
            if method.lower() == "getupdates":
                noted.answer = await self.polling.get_updates(params)
            elif method.lower() == "setwebhook":
                noted.answer = self.polling.set_webhook(params)
            else:
                await self.world.faults.wait()
                noted.answer = api.call(self.world, method, params, uploads)
        except ApiError as error:
            noted.error = error.description
            return _answer_error(error)
        noted.executed = True
        return web.json_response({"ok": True, "result": noted.answer})

    async def _download(self, request: web.Request) -> web.StreamResponse:
        kept = self.world.files.by_path.get(request.match_info["path"])
        if request.match_info["token"] != self.world.token or kept is None:
            return web.json_response({"ok": False, "error_code": 404, "description": "Not Found"}, status=404)
        return web.Response(body=kept.data)


def _broken(request: web.Request, fault: Fault) -> web.StreamResponse:
    if fault.kind is Kind.ERROR:
        error = ApiError(fault.code, fault.description)
        if fault.retry_after is not None:
            error.parameters["retry_after"] = fault.retry_after
        return _answer_error(error)
    if fault.kind is Kind.HTML_502:
        return web.Response(
            status=502, text="<html><h1>502 Bad Gateway</h1></html>", content_type="text/html"
        )
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


def _answer_error(error: ApiError) -> web.Response:
    body: dict[str, Any] = {"ok": False, "error_code": error.code, "description": error.description}
    if error.parameters:
        body["parameters"] = error.parameters
    return web.json_response(body, status=error.code)


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
