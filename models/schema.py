"""The schema and its versions: brought up to the code at start, under a lock."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.ext.asyncio import AsyncConnection

from models.database import open_engine

MIGRATIONS = Path(__file__).parent / "migrations"
MIGRATION_LOCK = 7_260_114  # any number of our own for pg_advisory_xact_lock


class BrokenReferences(Exception):
    """A migration would leave rows that refer to nothing; it is rolled back."""


class SchemaTooNew(Exception):
    """The database was written by newer code than this."""

    def __init__(self, revision: str) -> None:
        super().__init__(revision)
        self.revision = revision


def configuration(connection: Connection) -> Config:
    """Give alembic's configuration for one open connection."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def upgrade(connection: Connection, target: str = "head") -> None:
    """Bring an open connection's schema up to ``target``. Raises SchemaTooNew for an unknown revision."""
    known = {script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()}
    present = MigrationContext.configure(connection).get_current_revision()
    if present is not None and present not in known:
        raise SchemaTooNew(present)
    command.upgrade(configuration(connection), target)


def downgrade(connection: Connection, target: str) -> None:
    """Take an open connection's schema down to ``target``."""
    command.downgrade(configuration(connection), target)


async def migrate(url: str) -> None:
    """Bring the database up to the code: one process at a time, all or nothing."""
    engine = open_engine(make_url(url), immediate=True, foreign_keys=False)
    if engine.dialect.name == "postgresql":  # after the wait for the lock what others did must be seen
        engine = engine.execution_options(isolation_level="READ COMMITTED")
    try:
        async with engine.begin() as connection:  # BEGIN IMMEDIATE is SQLite's lock
            if engine.dialect.name == "postgresql":
                await connection.execute(
                    text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK}
                )
            await connection.run_sync(upgrade)
            if engine.dialect.name == "sqlite":
                await _check_references(connection)
    finally:
        await engine.dispose()


async def _check_references(connection: AsyncConnection) -> None:
    """Look for rows that refer to nothing, before a migration commits. Raises BrokenReferences."""
    broken = await connection.execute(text("PRAGMA foreign_key_check"))
    if broken.first() is not None:
        raise BrokenReferences
