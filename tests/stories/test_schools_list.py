"""The list of schools comes as whatever file the department keeps it in."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select

from models.database import Database
from models.organisations import Organisation, OrganisationKind
from tests.plans.test_schools import sheet
from tests.plans.word import word_of
from tests.stories.town import ORDER, Town, town

START = datetime(2026, 9, 7, 7, 0, tzinfo=UTC)
LIST = (
    "Список общеобразовательных организаций\n\n№\tНаименование организации\tАдрес\tДиректор\n"
    "1\tМБОУ «СОШ № 1»\tул. Школьная, 5\tПервая Анна\n2\tМАОУ «Лицей «Родник»\tЛицейский пер.\tВторой П.И.\n"
)
NAMES = ["МАОУ «Лицей «Родник»", "МБОУ «СОШ № 1»"]
ROWS = [line.split("\t") for line in LIST.splitlines()]
TABLE = [line.split("\t") for line in ORDER.splitlines()]


async def asked(place: Town) -> Any:
    """Let the administrator open the question; give the administrator."""
    admin = await place.administrator()
    admin.presses(admin.last_with("Добавить школы"), "Добавить школы")
    await admin.receives("файл Excel или Word")
    return admin


async def schools(database: Database) -> list[str]:
    async with database.reading() as session:
        found = select(Organisation.name).where(Organisation.kind == OrganisationKind.SCHOOL)
        return sorted(await session.scalars(found))


async def test_a_word_file_sent_while_the_list_is_asked_for_is_the_list(
    database: Database, tmp_path: Path
) -> None:
    async with town(database, tmp_path / "data", START) as place:
        admin = await asked(place)
        admin.sends_document(word_of(LIST), "школы.docx")
        added = await admin.receives("Добавлено: 2 школы", timeout=30)
        assert "СОШ № 1, «Лицей «Родник»" in added["text"]
        assert await schools(database) == NAMES
        admin.sends_document(word_of(ORDER), "приказ.docx")  # the question has been answered
        await admin.receives("Прочитано: 4 пункта", timeout=30)
    assert await schools(database) == NAMES


async def test_an_order_sent_in_place_of_the_list_adds_no_schools_and_is_an_order_when_sent_again(
    database: Database, tmp_path: Path
) -> None:
    async with town(database, tmp_path / "data", START) as place:
        admin = await asked(place)
        admin.sends_document(word_of(ORDER), "приказ.docx")
        await admin.receives("Школ в списке не нашлось", timeout=30)
        assert await schools(database) == []
        admin.sends_document(word_of(ORDER), "приказ.docx")
        await admin.receives("Прочитано: 4 пункта", timeout=30)


async def test_a_spreadsheet_nobody_asked_for_is_an_order_or_else_a_list(
    database: Database, tmp_path: Path
) -> None:
    async with town(database, tmp_path / "data", START) as place:
        admin = await place.administrator()
        admin.sends_document(sheet(*TABLE), "приказ.xlsx")
        await admin.receives("Прочитано: 4 пункта", timeout=30)
        assert await schools(database) == []
        admin.sends_document(sheet(*ROWS), "школы.xlsx")
        await admin.receives("Добавлено: 2 школы", timeout=30)
    assert await schools(database) == NAMES
