"""How a refusal and a broken answer look on the wire."""

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable

from aiohttp import web

from simulator.errors import ApiError, body_of
from simulator.faults import Fault, Kind
from simulator.world import World

TOO_MANY = 429
LOOK = 0.05  # seconds between looks at whether the client is still there
NOW = struct.pack("ii", 1, 0)  # SO_LINGER: a close is a reset

Breaking = Callable[[web.Request, World, Fault, web.Response], Awaitable[web.StreamResponse]]


def refusal(error: ApiError) -> web.Response:
    """Answer with an error of the API."""
    return web.json_response(body_of(error), status=error.code)


def gone(request: web.Request) -> bool:
    """Tell whether the client has closed the connection."""
    return request.transport is None or request.transport.is_closing()


async def broken(
    request: web.Request, world: World, fault: Fault, answer: web.Response
) -> web.StreamResponse:
    """Answer as a fault says; ``answer`` is what an executed call would have got."""
    return await BREAKINGS[fault.kind](request, world, fault, answer)


async def _error(request: web.Request, world: World, fault: Fault, _: web.Response) -> web.StreamResponse:
    error = ApiError(fault.code, fault.description)
    if fault.retry_after is not None:
        error.parameters["retry_after"] = fault.retry_after
    if fault.code == TOO_MANY and request.match_info["method"].lower() != "getupdates":
        world.flood.begin_block()
    return refusal(error)


async def _html(*_: object) -> web.StreamResponse:
    page = "<html><h1>502 Bad Gateway</h1></html>"
    return web.Response(status=502, text=page, content_type="text/html")


async def _malformed(_: web.Request, __: World, fault: Fault, ___: web.Response) -> web.StreamResponse:
    return web.Response(text=fault.body, content_type="application/json")


async def _cut(request: web.Request, *_: object) -> web.StreamResponse:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def _reset(request: web.Request, *_: object) -> web.StreamResponse:
    if request.transport is not None:
        request.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NOW)
    return await _cut(request)


async def _begun(request: web.Request, answer: web.Response) -> tuple[web.StreamResponse, bytes]:
    """Send the headers of an answer, its whole length promised."""
    assert isinstance(answer.body, bytes)  # executed calls are answered in JSON
    begun = web.StreamResponse(status=answer.status)
    begun.content_type = answer.content_type
    begun.content_length = len(answer.body)
    await begun.prepare(request)
    return begun, answer.body


async def _truncated(request: web.Request, _: World, __: Fault, answer: web.Response) -> web.StreamResponse:
    begun, body = await _begun(request, answer)
    await begun.write(body[: len(body) // 2])
    if request.transport is not None:
        request.transport.close()
    return begun


async def _half(request: web.Request, world: World, fault: Fault, answer: web.Response) -> web.StreamResponse:
    begun, _ = await _begun(request, answer)
    await begun.write(b"")  # the headers leave with the first write
    await _silence(request, world, fault.seconds)
    await _cut(request)
    return begun


async def _hang(request: web.Request, world: World, fault: Fault, answer: web.Response) -> web.StreamResponse:
    await _silence(request, world, fault.seconds)
    return answer


async def _never(request: web.Request, world: World, fault: Fault, _: web.Response) -> web.StreamResponse:
    await _silence(request, world, fault.seconds)
    return await _cut(request)


async def _silence(request: web.Request, world: World, seconds: float) -> None:
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    while not world.closing.is_set() and (left := until - loop.time()) > 0:
        if gone(request):
            return
        await world.pause(min(LOOK, left))


BREAKINGS: dict[Kind, Breaking] = {
    Kind.ERROR: _error,
    Kind.HTML_502: _html,
    Kind.MALFORMED: _malformed,
    Kind.DROP: _cut,
    Kind.RESET: _reset,
    Kind.DELIVERED_THEN_DROPPED: _cut,
    Kind.TRUNCATED: _truncated,
    Kind.HALF: _half,
    Kind.HANG: _hang,
    Kind.ACCEPT_THEN_HANG: _never,
}
