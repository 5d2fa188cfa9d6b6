"""Trouble of the database itself, told from a mistake of whoever asked it."""

import sqlite3
from enum import StrEnum

import psycopg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionFree


class Trouble(StrEnum):
    """What ails the database.

    race: another transaction was first, try again at once; away: busy or out of reach, try again later;
    full: no room on the disk, try again when there is; read_only and damaged: only a person can help.
    """

    RACE = "race"
    AWAY = "away"
    FULL = "full"
    READ_ONLY = "read_only"
    DAMAGED = "damaged"


HOPELESS = (Trouble.READ_ONLY, Trouble.DAMAGED)

SQLITE = {
    "SQLITE_BUSY": Trouble.AWAY,
    "SQLITE_LOCKED": Trouble.AWAY,
    "SQLITE_IOERR": Trouble.AWAY,
    "SQLITE_PROTOCOL": Trouble.AWAY,
    "SQLITE_FULL": Trouble.FULL,
    "SQLITE_CANTOPEN": Trouble.AWAY,
    "SQLITE_READONLY": Trouble.READ_ONLY,
    "SQLITE_CORRUPT": Trouble.DAMAGED,
    "SQLITE_NOTADB": Trouble.DAMAGED,
    "SQLITE_CONSTRAINT_UNIQUE": Trouble.RACE,
    "SQLITE_CONSTRAINT_PRIMARYKEY": Trouble.RACE,
}
POSTGRES = {
    "40001": Trouble.RACE,  # serialization_failure
    "40P01": Trouble.RACE,  # deadlock_detected
    "23505": Trouble.RACE,  # unique_violation: the other one was written since we looked
    "25P03": Trouble.AWAY,  # idle_in_transaction_session_timeout: this process was frozen
    "53100": Trouble.FULL,
    "25006": Trouble.READ_ONLY,
    "XX001": Trouble.DAMAGED,
    "XX002": Trouble.DAMAGED,
}
POSTGRES_AWAY = ("08", "53", "57", "58")  # classes: connection, resources, operator intervention, system


def trouble_of(error: BaseException) -> Trouble | None:
    """Name the trouble of the database behind an error; None where the asker is at fault."""
    if isinstance(error, NoConnectionFree):
        return Trouble.AWAY
    if isinstance(error, DBAPIError):
        found = trouble_of(error.orig) if error.orig is not None else None
        return Trouble.AWAY if found is None and error.connection_invalidated else found
    if isinstance(error, sqlite3.Error):
        return _of_sqlite(getattr(error, "sqlite_errorname", ""))
    if isinstance(error, psycopg.Error):
        return _of_postgres(error)
    return None


def _of_sqlite(name: str) -> Trouble | None:
    """Look an error up by its name, and then by the name of its family («SQLITE_BUSY_SNAPSHOT»)."""
    return SQLITE.get(name) or SQLITE.get("_".join(name.split("_")[:2]))


def _of_postgres(error: psycopg.Error) -> Trouble | None:
    state = error.sqlstate
    if state is None:  # it never reached the server, or the server is gone
        away = isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)
        return Trouble.AWAY if away else None
    return POSTGRES.get(state) or (Trouble.AWAY if state.startswith(POSTGRES_AWAY) else None)
