"""The state of the simulated Telegram: people, chats, messages, and the queue of updates."""

import asyncio
import itertools
import random
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from simulator.clock import SimulatedClock
from simulator.errors import bad_request, forbidden
from simulator.faults import Faults
from simulator.files import Files
from simulator.flood import Flood
from simulator.updates import Queued, Update, Updates

Message = dict[str, Any]


@dataclass
class Account:
    """A person's account as the server knows it."""

    user: dict[str, Any]
    started: bool = False
    blocked: bool = False
    deactivated: bool = False


@dataclass
class Chat:
    """A chat and everything visible in it; ``events`` are new and edited messages in their order."""

    info: dict[str, Any]
    messages: list[Message] = field(default_factory=list)
    events: list[tuple[int, Message]] = field(default_factory=list)
    members: set[int] = field(default_factory=set)
    migrated_to: int | None = None


@dataclass
class Call:
    """One call of the journal."""

    number: int
    at: datetime
    method: str
    params: dict[str, Any]
    answer: Any = None
    error: str | None = None
    executed: bool = False
    fault: str | None = None


class World:
    """Everything the server remembers."""

    def __init__(self, token: str, username: str) -> None:
        self.token = token
        self.clock = SimulatedClock()
        self.faults = Faults()
        self.faults.changed = self.beat
        self.files = Files()
        self.bot = {
            "id": int(token.partition(":")[0]),
            "is_bot": True,
            "first_name": "Дорожная карта",
            "username": username,
        }
        self.accounts: dict[int, Account] = {}
        self.chats: dict[int, Chat] = {}
        self.updates = Updates(self.clock.now, random.Random(token).randrange(10**6, 10**8))
        self.journal: list[Call] = []
        self.sent: list[tuple[int, str]] = []  # chat and text of every executed send, as people saw it
        self.callbacks: dict[str, tuple[datetime, int, bool]] = {}
        self.popups: dict[int, list[str]] = {}
        self.commands: dict[str, list[dict[str, Any]]] = {}
        self.reactions: dict[tuple[int, int], list[Any]] = {}
        self.flood_limits = False
        self.flood = Flood()
        self.webhook: dict[str, Any] | None = None
        self.webhook_targets: list[str] = []  # workers behind one address, used in turn
        self.closing = asyncio.Event()
        self.listeners: set[asyncio.Event] = set()
        self.version = 0
        self._message_ids = itertools.count(1)
        self._events = itertools.count(1)
        self._callback_ids = itertools.count(10**15)
        self._albums = itertools.count(13_000_000_000_000_000)

    # --- waking whoever waits ---------------------------------------------------------------

    def beat(self) -> None:
        """Wake everybody who waits for a change."""
        self.version += 1
        for listener in self.listeners:
            listener.set()

    async def change(self, seconds: float) -> None:
        """Wait until something changes, ``seconds`` at most."""
        event = asyncio.Event()
        self.listeners.add(event)
        try:
            async with asyncio.timeout(seconds):
                await event.wait()
        except TimeoutError:
            return
        finally:
            self.listeners.discard(event)

    async def pause(self, seconds: float) -> None:
        """Let time pass, unless the server is stopping."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.closing.wait()

    # --- the limits -------------------------------------------------------------------------

    @property
    def flood_block(self) -> float:
        """Seconds for which a 429 blocks the bot; 0: it does not."""
        return self.flood.block

    @flood_block.setter
    def flood_block(self, seconds: float) -> None:
        self.flood.block = seconds

    @property
    def flood_strict(self) -> bool:
        """One message a second a chat, no bursts."""
        return self.flood.strict

    @flood_strict.setter
    def flood_strict(self, strict: bool) -> None:
        self.flood.strict = strict

    @property
    def refusals(self) -> int:
        """How often the limits have refused."""
        return self.flood.refusals

    # --- people and chats -------------------------------------------------------------------

    def account(self, user_id: int, name: str, username: str | None = None) -> Account:
        """Give a person's account and private chat, making them on the first call."""
        if user_id not in self.accounts:
            user = {"id": user_id, "is_bot": False, "first_name": name, "language_code": "ru"}
            if username:
                user["username"] = username
            self.accounts[user_id] = Account(user)
            self.chats[user_id] = Chat(
                {"id": user_id, "type": "private", "first_name": name}, members={user_id}
            )
            self.beat()
        return self.accounts[user_id]

    def reachable_chat(self, chat_id: Any) -> Chat:
        """Give a chat the bot may write to. Raises ApiError in the server's words."""
        chat = self.chats.get(int(chat_id)) if str(chat_id).lstrip("-").isdigit() else None
        if chat is None:
            raise bad_request("chat not found")
        account = self.accounts.get(chat.info["id"])
        if account is not None:
            if account.deactivated:
                raise forbidden("user is deactivated")
            if account.blocked:
                raise forbidden("bot was blocked by the user")
            if not account.started:
                raise forbidden("bot can't initiate conversation with a user")
        if chat.migrated_to is not None:
            error = bad_request("group chat was upgraded to a supergroup chat")
            error.parameters["migrate_to_chat_id"] = chat.migrated_to
            raise error
        return chat

    # --- messages ---------------------------------------------------------------------------

    def put(self, chat: Chat, sender: dict[str, Any], content: dict[str, Any]) -> Message:
        """Put a message into a chat and give it."""
        message: Message = {
            "message_id": next(self._message_ids),
            "date": int(self.clock.now().timestamp()),
            "chat": dict(chat.info),
            "from": dict(sender),
            **content,
        }
        chat.messages.append(message)
        self.show(chat, message)
        return message

    def show(self, chat: Chat, message: Message) -> None:
        """Let everybody see that a message is new or has changed."""
        chat.events.append((next(self._events), message))
        self.beat()

    def remove(self, chat: Chat, message: Message) -> None:
        """Take a message off every screen."""
        chat.messages.remove(message)
        self.beat()

    def event_number(self) -> int:
        """Give the number of the next event."""
        return next(self._events)

    def message(self, chat: Chat, message_id: Any) -> Message | None:
        """Find a message of a chat."""
        return next((one for one in chat.messages if one["message_id"] == int(message_id)), None)

    def quoted(self, chat: Chat, message_id: Any) -> Message | None:
        """Find a replied-to message as it is shown: without what it replies to itself."""
        found = self.message(chat, message_id)
        if found is None:
            return None
        copy = deepcopy(found)
        copy.pop("reply_to_message", None)
        return copy

    def album_id(self) -> str:
        """Give the id of a new album."""
        return str(next(self._albums))

    # --- updates ----------------------------------------------------------------------------

    @property
    def queue(self) -> list[Queued]:
        """Updates the bot has not confirmed."""
        return self.updates.queue

    @property
    def confirmed(self) -> list[int]:
        """The numbers of the updates the bot has confirmed, in order."""
        return self.updates.confirmed

    def make_update(self, kind: str, payload: dict[str, Any]) -> Update:
        """Make an update with the next number, not delivered yet."""
        return self.updates.make(kind, payload)

    def deliver(self, update: Update) -> None:
        """Queue an update, unless its kind is not allowed."""
        if self.updates.push(update):
            self.beat()

    def set_next_update_id(self, number: int) -> None:
        """Let updates be numbered from here on, as after a silent week; what was queued has expired."""
        self.updates.restart(number)

    def press(self, user_id: int, message: Message, data: str) -> str:
        """Press a button: a callback query of a person on a message."""
        callback_id = str(next(self._callback_ids))
        self.callbacks[callback_id] = (self.clock.now(), user_id, False)
        self.deliver(
            self.make_update(
                "callback_query",
                {
                    "id": callback_id,
                    "from": self.accounts[user_id].user,
                    "message": message,
                    "chat_instance": str(message["chat"]["id"]),
                    "data": data,
                },
            )
        )
        return callback_id

    def membership(self, user_id: int, *, blocked: bool) -> None:
        """Tell the bot that a person blocked it or let it in again."""
        account = self.accounts[user_id]
        before, after = ("member", "kicked") if blocked else ("kicked", "member")
        account.blocked = blocked
        self.deliver(
            self.make_update(
                "my_chat_member",
                {
                    "chat": self.chats[user_id].info,
                    "from": account.user,
                    "date": int(self.clock.now().timestamp()),
                    "old_chat_member": self._member(before),
                    "new_chat_member": self._member(after),
                },
            )
        )

    def _member(self, status: str) -> dict[str, Any]:
        member: dict[str, Any] = {"user": self.bot, "status": status}
        if status == "kicked":
            member["until_date"] = 0
        return member
