"""The control of the demo over HTTP: what the page of phones shows and does."""

from copy import deepcopy
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aiohttp import web
from aiohttp.multipart import BodyPartReader

from simulator.contents import Kind, Media, captionable, mime_of
from simulator.errors import ApiError
from simulator.faults import Fault
from simulator.faults import Kind as FaultKind
from simulator.world import Call, Message

if TYPE_CHECKING:
    from simulator.people import Person
    from simulator.server import Simulator

PAGE = Path(__file__).parent / "page"
LONG_POLL = 25.0
SHOWN_CALLS = 200
IN_ALBUM = 10
PHOTOS = frozenset({"image/jpeg", "image/png", "image/webp"})  # what is sent as a photo; HEIC only as a file
PICTURED = frozenset({*PHOTOS, "image/gif"})  # of what as a file has a thumbnail

Part = tuple[str, str, bytes]  # the name, type and bytes of an uploaded file


def routes(app: web.Application, sim: "Simulator") -> None:
    """Add the page and its control to a server."""
    control = Control(sim)
    app.router.add_get("/", control.index)
    app.router.add_get("/sim/state", control.state)
    app.router.add_post("/sim/send", control.send)
    app.router.add_post("/sim/upload", control.upload)
    app.router.add_post("/sim/voice", control.voice)
    app.router.add_post("/sim/edit", control.edit)
    app.router.add_post("/sim/delete", control.delete)
    app.router.add_post("/sim/press", control.press)
    app.router.add_post("/sim/block", control.block)
    app.router.add_post("/sim/clock", control.clock)
    app.router.add_post("/sim/faults", control.faults)
    app.router.add_get("/sim/file/{file_id}", control.file)
    app.router.add_static("/page", PAGE)


class Control:
    """The handlers of the page; each answers in JSON."""

    def __init__(self, sim: "Simulator") -> None:
        self.sim = sim

    async def index(self, _request: web.Request) -> web.StreamResponse:
        """Give the page."""
        return web.FileResponse(PAGE / "index.html")

    async def state(self, request: web.Request) -> web.Response:
        """Give everything on the phones; with ``since`` wait for something newer (at most 25 s)."""
        since = int(request.query.get("since", "-1"))
        if since >= self._version():
            await self.sim.world.change(LONG_POLL)
        return web.json_response(self._state())

    def _version(self) -> int:
        return self.sim.world.version

    def _state(self) -> dict[str, Any]:
        world = self.sim.world
        return {
            "version": world.version,
            "clock": world.clock.now().isoformat(),
            "bot": world.bot,
            "phones": self.sim.phones,
            "people": [self._person(person) for person in self.sim.people.values()],
            "calls": [_call(call) for call in world.journal[-SHOWN_CALLS:] if _worth_showing(call)],
        }

    def _person(self, person: "Person") -> dict[str, Any]:
        shown = person.id in self.sim.phones
        return {
            "id": person.id,
            "name": person.name,
            "blocked": person.account.blocked,
            "messages": deepcopy(person.chat) if shown else [],
            "popups": person.popups,
            "commands": self.sim.world.commands.get(f"chat:{person.id}:", []),
        }

    async def _who(self, body: dict[str, Any]) -> "Person":
        person = self.sim.people.get(int(body["person"]))
        if person is None:
            raise web.HTTPNotFound(text="no such person")
        return person

    async def send(self, request: web.Request) -> web.Response:
        """Send a text: {person, text, reply_to?}."""
        body = await request.json()
        person = await self._who(body)
        message = person.sends(str(body["text"]), reply_to=self._quoted(person, body))
        return web.json_response({"message_id": message["message_id"]})

    async def voice(self, request: web.Request) -> web.Response:
        """Send a voice message, only its shell: {person, seconds?, reply_to?}."""
        body = await request.json()
        person = await self._who(body)
        message = person.sends_voice(int(body.get("seconds", 5)), reply_to=self._quoted(person, body))
        return web.json_response({"message_id": message["message_id"]})

    async def edit(self, request: web.Request) -> web.Response:
        """Edit an own text or caption: {person, message_id, text}."""
        body = await request.json()
        person = await self._who(body)
        message = self._own(person, body["message_id"])
        text = str(body["text"]).strip()
        if "text" in message and not text:
            raise web.HTTPBadRequest(text="a text cannot be emptied")
        person.edits(message, text)
        return web.json_response({"message_id": message["message_id"]})

    async def delete(self, request: web.Request) -> web.Response:
        """Delete messages, one's own or the bot's: {person, message_ids}."""
        body = await request.json()
        person = await self._who(body)
        found = [self._message(person, number) for number in body["message_ids"]]
        for message in found:
            person.deletes(message)
        return web.json_response({"deleted": len(found)})

    def _message(self, person: "Person", number: Any) -> Message:
        found = self.sim.world.message(person.room, number)
        if found is None:
            raise web.HTTPNotFound(text="no such message")
        return found

    def _quoted(self, person: "Person", fields: dict[str, Any]) -> Message | None:
        return self._message(person, fields["reply_to"]) if fields.get("reply_to") else None

    def _own(self, person: "Person", number: Any, *, media: bool = False) -> Message:
        """Give a message its sender can edit: a text, unless ``media`` is meant, or what has a caption."""
        found = self._message(person, number)
        changeable = captionable(found) or ("text" in found and not media)
        if found["from"]["id"] != person.id or "forward_origin" in found or not changeable:
            raise web.HTTPBadRequest(text="this message cannot be edited")
        return found

    async def upload(self, request: web.Request) -> web.Response:
        """Send files: a photo or video, an album, or documents.

        Fields person, caption, reply_to; as_file sends pictures as documents; edit, a message_id, puts the
        first file into that message instead.
        """
        fields: dict[str, str] = {}
        files: list[Part] = []
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader) or part.name is None:
                continue
            data = bytes(await part.read())
            if part.filename is None:
                fields[part.name] = data.decode()
            else:
                files.append((part.filename, part.headers.get("Content-Type", ""), data))
        person = await self._who(fields)
        if not files:
            raise web.HTTPBadRequest(text="no files")
        try:
            if fields.get("edit"):
                person.edits_media(
                    self._own(person, fields["edit"], media=True), media=_media(files[0], fields)
                )
            else:
                _send_files(person, files, fields, self._quoted(person, fields))
        except ApiError as error:
            return web.json_response({"error": error.description}, status=400)
        return web.json_response({"files": len(files)})

    async def press(self, request: web.Request) -> web.Response:
        """Press a button: {person, message_id, data}."""
        body = await request.json()
        person = await self._who(body)
        message = self._message(person, body["message_id"])
        callback = person.presses(message, data=str(body["data"]))
        return web.json_response({"callback_query_id": callback})

    async def block(self, request: web.Request) -> web.Response:
        """Block the bot or let it in again: {person, blocked}."""
        body = await request.json()
        person = await self._who(body)
        if body.get("blocked"):
            person.blocks()
        else:
            person.unblocks()
        return web.json_response({"blocked": person.account.blocked})

    async def clock(self, request: web.Request) -> web.Response:
        """Move the clock: {advance_seconds} or {set: ISO}; the demo walks from due moment to due moment."""
        body = await request.json()
        now = self.sim.clock.now()
        if "set" in body:
            delta = datetime.fromisoformat(str(body["set"])) - now
        else:
            delta = timedelta(seconds=float(body["advance_seconds"]))
        if self.sim.on_clock is not None:
            await self.sim.on_clock(delta)
        else:
            self.sim.clock.advance(delta)
        self.sim.world.beat()
        return web.json_response({"clock": self.sim.clock.now().isoformat()})

    async def faults(self, request: web.Request) -> web.Response:
        """Ask for a fault: {kind, and any field of Fault}; or {kind: "outage", html?}, {kind: "back"}."""
        body = await request.json()
        faults = self.sim.faults
        match body.pop("kind"):
            case "outage":
                faults.outage(html=bool(body.get("html")))
            case "back":
                faults.back()
            case kind:
                try:
                    faults.add(Fault(FaultKind(kind), **body))
                except (TypeError, ValueError):
                    raise web.HTTPBadRequest(text="no such fault") from None
        return web.json_response({"waiting": len(faults.waiting)})

    async def file(self, request: web.Request) -> web.StreamResponse:
        """Give the bytes of a file of a message."""
        kept = self.sim.world.files.by_id.get(request.match_info["file_id"])
        if kept is None:
            raise web.HTTPNotFound
        kind = "image/jpeg" if kept.type in {"Photo", "Thumbnail"} else "application/octet-stream"
        return web.Response(
            body=kept.data,
            content_type=kind,
            headers={"X-Content-Type-Options": "nosniff", "Cache-Control": "max-age=86400"},
        )


def _send_files(
    person: "Person", files: list[Part], fields: dict[str, str], reply_to: Message | None
) -> None:
    """Send photos and videos together, documents apart, in albums of ten; the caption is with the first."""
    caption = fields.get("caption") or None
    media = [_media(one, fields) for one in files]
    seen = [one for one in media if one.kind is not Kind.DOCUMENT]
    papers = [one for one in media if one.kind is Kind.DOCUMENT]
    for group in (seen, papers):
        for start in range(0, len(group), IN_ALBUM):
            person.sends_media(group[start : start + IN_ALBUM], caption, reply_to=reply_to)
            caption = None


def _media(part: Part, fields: dict[str, str]) -> Media:
    """Tell what a phone makes of a chosen file."""
    name, given, data = part
    mime = given or mime_of(name)
    if not fields.get("as_file"):
        if mime in PHOTOS:
            return Media(Kind.PHOTO, data)
        if mime.startswith("video/"):
            return Media(Kind.VIDEO, data, name, mime, seconds=12)
    return Media(Kind.DOCUMENT, data, name, mime, thumbnail=data if mime in PICTURED else None)


def _worth_showing(call: Call) -> bool:
    return call.method.lower() != "getupdates" or bool(call.answer)


def _call(call: Call) -> dict[str, Any]:
    return {
        "number": call.number,
        "at": call.at.isoformat(),
        "method": call.method,
        "chat_id": call.params.get("chat_id"),
        "text": str(call.params.get("text") or call.params.get("caption") or "")[:200],
        "updates": len(call.answer) if call.method.lower() == "getupdates" and call.answer else None,
        "error": call.error,
    }
