"""Pictures: nothing but the picture is kept or shown, and one that was sent before is shown beside it."""

import io
from datetime import UTC, datetime
from pathlib import Path

import pillow_heif
from PIL import Image, ImageDraw
from sqlalchemy import select

from bot.stores import FolderStore
from models.assignments import Children, Evidence, Likeness, Report
from models.database import Database
from models.files import StoredFile
from models.people import Role
from tests.stories.test_answers import coordinator_of, principal_of
from tests.stories.test_conversations import approved
from tests.stories.town import town

START = datetime(2026, 9, 7, 7, 0, tzinfo=UTC)
DUE = datetime(2026, 10, 15, 7, 0, tzinfo=UTC)
GPS, LATITUDE = 0x8825, 2


def hall(*, people: int = 5, size: tuple[int, int] = (960, 720)) -> Image.Image:
    """Draw a hall with people in it."""
    made = Image.new("RGB", size, (180, 170, 150))
    draw = ImageDraw.Draw(made)
    for row in range(12):
        shade = 60 + row * 13
        draw.rectangle((row * 80, 0, row * 80 + 60, 200 + row * 20), fill=(shade, 90, 255 - shade))
    for one in range(people):
        left = 90 + one * 167
        draw.ellipse((left, 430 + one * 9, left + 90, 540 + one * 9), fill=(220, 180 - one * 20, 150))
        draw.rectangle((left - 20, 540 + one * 9, left + 110, 720), fill=(30 + one * 40, 60, 110))
    return made


def saved(picture: Image.Image, **how: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, **how)  # type: ignore[arg-type]
    return out.getvalue()


def located(picture: Image.Image) -> bytes:
    """Save a picture with the place it was taken at, as a phone does, and an archive behind its end."""
    exif = Image.Exif()
    exif.get_ifd(GPS)[LATITUDE] = (56.0, 19.0, 0.0)
    return saved(picture, format="JPEG", quality=92, exif=exif) + b"PK\x03\x04hidden"


async def test_a_picture_sent_as_a_file_is_shown_without_its_place_and_a_false_one_is_asked_for_again(
    database: Database, tmp_path: Path
) -> None:
    async with town(database, tmp_path / "data", START) as place:
        await approved(place)
        principal = await principal_of(place)
        coordinator = await coordinator_of(place)
        await place.walk_to(DUE)
        reminder = await principal.receives("Срок сегодня")
        principal.sends_document(located(hall()), "../../IMG_1.jpg", "image/jpeg", reply_to=reminder)
        heif = io.BytesIO()
        pillow_heif.from_pillow(hall(people=3)).save(heif)
        principal.sends_document(heif.getvalue(), "IMG_2.HEIC", "image/heic")
        principal.sends_document(b"<html><script>", "IMG_3.jpg", "image/jpeg")
        await principal.receives("он назван картинкой, но это не картинка", timeout=30)
        principal.sends("Провели")
        card = await principal.receives("3 файла, текст", timeout=20)
        principal.presses(card, "Отправить на проверку")
        await principal.receives("Отправлено на проверку")
        await coordinator.receives("В отчёте: 3 файла, текст", timeout=20)
        await place.still()
        shown = [one for one in coordinator.inbox if "document" in one]
        assert sorted(one["document"]["file_name"] for one in shown) == ["IMG_1.jpeg", "IMG_2.jpeg"]
        for one in shown:
            data = coordinator.downloads(one)
            assert b"PK\x03\x04" not in data
            with Image.open(io.BytesIO(data)) as picture:
                assert dict(picture.getexif()) == {}
                assert picture.size == (960, 720)
    store = FolderStore(tmp_path / "data" / "files")
    async with database.reading() as session:
        kept = (await session.scalars(select(StoredFile).join(Evidence))).all()
    assert len(kept) == 2
    assert all(b"Exif" not in store.get(one.sha256) for one in kept)


async def test_a_picture_of_another_school_is_flagged_beside_the_earlier_one_and_not_refused(
    database: Database, tmp_path: Path
) -> None:
    async with town(database, tmp_path / "data", START) as place:
        await approved(place)
        anna = await principal_of(place)
        second = await place.organisation("СОШ № 2")
        boris = await place.joins("Борис", 13, Role.EXECUTOR, "директор", second)
        coordinator = await coordinator_of(place)
        await place.walk_to(DUE)
        first = hall()
        anna.sends_photo(saved(first, format="JPEG"), reply_to=await anna.receives("Срок сегодня"))
        anna.presses(await anna.receives("1 фото", timeout=20), "Отправить на проверку")
        sent = await anna.receives("Есть ли на снимках дети?")
        anna.presses(sent, "Детей нет")
        await anna.receives("Записал: детей на снимках нет")
        await place.still()
        card = coordinator.last_with("Принять")
        assert "👶 Детей на снимках нет." in card["text"]  # written into the card that was there
        assert len([one for one in coordinator.inbox if "В отчёте: 1 фото" in one.get("text", "")]) == 1
        assert "уже присылали" not in card["text"]

        cropped = first.crop((40, 30, 930, 700)).resize((640, 482))
        boris.sends_photo(
            saved(cropped, format="JPEG", quality=60), reply_to=await boris.receives("Срок сегодня")
        )
        boris.sends_photo(saved(hall(people=2).rotate(3), format="JPEG"))
        boris.presses(await boris.receives("2 фото", timeout=20), "Отправить на проверку")
        await boris.receives("Отправлено на проверку")
        await place.still()
        card = coordinator.last_with("Принять")
        assert "Похоже, тот же снимок уже присылали: СОШ № 1, п. 1.1, 15 октября 2026" in card["text"]
        assert card["text"].count("уже присылали") == 1
        coordinator.presses(card, "Показать прежние снимки")
        earlier = await coordinator.receives("Прежний снимок: СОШ № 1 · п. 1.1")
        assert "photo" in earlier
        coordinator.presses(card, "Принять")
        await boris.receives("Принято:")
    async with database.reading() as session:
        (alike,) = await session.scalars(select(Likeness))
        assert not alike.exact
        assert (await session.scalars(select(Report.children).order_by(Report.id))).all() == [
            Children.NONE,
            None,
        ]
