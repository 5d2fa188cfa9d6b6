"""Leases: what only one process may do, held by a lock that dies with its connection, and by an epoch.

On PostgreSQL the lock is an advisory one of a connection of its own: it is free at once when its process
dies. A connection may be cut while the process lives, so each holder also raises the epoch, and whoever
writes as a holder asks for it in the same transaction: a stale holder cannot pass. On SQLite there is one
process (it holds the folder's lock), and only the epoch is kept.
"""

import asyncio
from typing import Any

import psycopg
from sqlalchemy import select

from models import Session
from models.database import Database
from models.machinery import Lease

LOCKS = 7_260_115  # any number of our own: the first half of the advisory lock's name

PATIENCE = 5.0  # seconds for the server to say that the lock is ours


class Fenced(Exception):
    """Another process holds the lease by now."""


class HeldLease:
    """The lease of one process on one name: ``epoch`` is None while another holds it."""

    def __init__(self, database: Database, name: str) -> None:
        self.database = database
        self.name = name
        self.epoch: int | None = None
        self._connection: psycopg.AsyncConnection[Any] | None = None

    async def take(self) -> bool:
        """Try to become the holder; from then on no former holder can write as one."""
        if not self.database.is_sqlite and not await self._lock():
            return False
        self.epoch = await self.database.write(self._raise_epoch)
        return True

    async def _lock(self) -> bool:
        """Ask for the lock, through one connection for as many times as it takes."""
        try:
            if self._connection is None:
                self._connection = await self.database.plain_connection()
            found = await self._connection.execute(
                "SELECT pg_try_advisory_lock(%s, hashtext(%s))", (LOCKS, self.name)
            )
            return bool((await found.fetchone() or (False,))[0])
        except psycopg.Error:
            await self.release()
            raise

    async def _raise_epoch(self, session: Session) -> int:
        lease = await session.get(Lease, self.name, with_for_update=True)
        if lease is None:
            lease = Lease(name=self.name, epoch=0)
            session.add(lease)
        lease.epoch += 1
        return lease.epoch

    async def alive(self) -> bool:
        """Ask whether the lock is still ours."""
        if self.epoch is None or self.database.is_sqlite:
            return self.epoch is not None
        assert self._connection is not None  # there is an epoch
        try:
            async with asyncio.timeout(PATIENCE):
                await self._connection.execute("SELECT 1")
        except (psycopg.Error, OSError, TimeoutError):
            await self.release()
            return False
        return True

    async def release(self) -> None:
        """Let another process be the holder."""
        self.epoch = None
        if self._connection is not None:
            connection, self._connection = self._connection, None
            await connection.close()


async def passes(session: Session, name: str, epoch: int) -> None:
    """See to it that ``epoch`` is the holder's until this transaction ends. Raises Fenced."""
    held = await session.scalar(
        select(Lease.epoch).where(Lease.name == name).with_for_update(read=True, key_share=False)
    )
    if held != epoch:
        raise Fenced
