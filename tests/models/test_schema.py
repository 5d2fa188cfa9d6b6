"""The schema: models equal migrations, every step goes up and down, and newer databases are refused."""

import re

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Enum, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import IntegrityError

from models import Base
from models.database import Database, open_engine
from models.organisations import Organisation, OrganisationKind
from models.schema import MIGRATIONS, SchemaTooNew, downgrade, migrate, upgrade


def revisions() -> list[str]:
    walked = ScriptDirectory(str(MIGRATIONS)).walk_revisions()
    return [script.revision for script in reversed(list(walked))]


async def test_the_migrations_make_exactly_the_tables_of_the_models(database_url: str) -> None:
    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, Base.metadata))

    engine = open_engine(make_url(database_url), immediate=False)
    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []
    await engine.dispose()


def states(connection: Connection) -> dict[str, set[str]]:
    """Give the values that each CHECK of states allows, by its name."""
    inspector = inspect(connection)
    return {
        str(check["name"]): set(re.findall(r"'(\w+)'", check["sqltext"]))
        for table in Base.metadata.tables
        for check in inspector.get_check_constraints(table)
    }


async def test_the_database_allows_the_states_of_the_models_and_no_others(database_url: str) -> None:
    declared = {
        f"ck_{table.name}_{column.type.name}": set(column.type.enums)
        for table in Base.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, Enum)
    }
    engine = open_engine(make_url(database_url), immediate=False)
    async with engine.connect() as connection:
        assert await connection.run_sync(states) == declared
    await engine.dispose()


async def test_a_migration_keeps_the_rows_of_the_tables_it_makes_anew(database_url: str) -> None:
    def goes_down_and_up(connection: Connection) -> list[object]:
        downgrade(connection, "0001")
        rows = (
            (
                "INSERT INTO persons (id, telegram_id, chat_id, name, created_at) "
                "VALUES (1, 5, 5, 'x', '2026-11-01 00:00:00+00:00')"
            ),
            (
                "INSERT INTO letters (id, key, kind, state, chat_id, person_id, priority, not_before, facts, "
                "tries, created_at) VALUES (1, 'k', 'note', 'waiting', 5, 1, 0, "
                "'2026-11-01 00:00:00+00:00', '{}', 0, '2026-11-01 00:00:00+00:00')"
            ),
            "INSERT INTO letter_items (letter_id, withdrawn) VALUES (1, false)",
        )
        for row in rows:
            connection.execute(text(row))
        upgrade(connection)
        kept = "SELECT letters.key FROM letter_items JOIN letters ON letters.id = letter_items.letter_id"
        return list(connection.execute(text(kept)).scalars())

    engine = open_engine(make_url(database_url), immediate=True, foreign_keys=False)
    async with engine.begin() as connection:
        assert await connection.run_sync(goes_down_and_up) == ["k"]
    await engine.dispose()


async def test_every_revision_goes_up_down_and_up_again(database_url: str) -> None:
    def stairway(connection: Connection) -> None:
        downgrade(connection, "base")
        assert set(inspect(connection).get_table_names()) <= {"alembic_version"}
        for number, revision in enumerate(revisions()):
            upgrade(connection, revision)
            downgrade(connection, revisions()[number - 1] if number else "base")
            upgrade(connection, revision)

    engine = open_engine(make_url(database_url), immediate=True)
    async with engine.begin() as connection:
        await connection.run_sync(stairway)
    await engine.dispose()


async def test_a_database_of_newer_code_is_refused(database_url: str) -> None:
    engine = open_engine(make_url(database_url), immediate=True)
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    await engine.dispose()
    with pytest.raises(SchemaTooNew):
        await migrate(database_url)


async def test_migrating_twice_changes_nothing(database_url: str) -> None:
    await migrate(database_url)
    await migrate(database_url)


async def test_sqlite_is_durable_and_keeps_its_foreign_keys(database: Database) -> None:
    if not database.is_sqlite:
        return  # PostgreSQL has no such settings: it is durable and keeps them anyway
    async with database.reading() as session:
        found = [
            await session.scalar(text(f"PRAGMA {name}"))
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    assert found == ["wal", 2, 1]


async def test_states_and_foreign_keys_are_said_by_the_database(database: Database) -> None:
    with pytest.raises(IntegrityError):
        async with database.writing() as session:
            await session.execute(
                text(
                    "INSERT INTO organisations (kind, path, name, short_name, time_zone) "
                    "VALUES ('castle', '/1/', 'x', 'x', 'UTC')"
                )
            )
    with pytest.raises(IntegrityError):
        async with database.writing() as session:
            session.add(
                Organisation(
                    kind=OrganisationKind.SCHOOL,
                    parent_id=77,
                    path="/77/1/",
                    name="x",
                    short_name="x",
                    time_zone="UTC",
                )
            )


async def test_a_failed_transaction_leaves_nothing_and_rings_no_bell(database: Database) -> None:
    bell = database.bell.listener()

    class Trouble(Exception):
        """Any trouble."""

    async def half_a_change() -> None:
        async with database.writing() as session:
            session.add(
                Organisation(
                    kind=OrganisationKind.SCHOOL, path="/1/", name="x", short_name="x", time_zone="UTC"
                )
            )
            await session.flush()
            raise Trouble

    with pytest.raises(Trouble):
        await half_a_change()
    assert not bell.is_set()
    async with database.reading() as session:
        assert await session.scalar(text("SELECT count(*) FROM organisations")) == 0
