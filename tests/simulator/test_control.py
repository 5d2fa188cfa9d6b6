"""The control behind the page: what a phone's owner does there is what the bot is told."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiogram import Bot
from aiogram.types import Message, Update

from simulator import Kind, Media, Origin, Person, Simulator
from simulator.people import picture


@pytest.fixture
async def page(sim: Simulator, anna: Person) -> AsyncIterator[aiohttp.ClientSession]:
    sim.phones = [anna.id]
    async with aiohttp.ClientSession(sim.base_url) as session:
        yield session


def chosen(*files: tuple[str, str, bytes], **fields: str) -> aiohttp.FormData:
    """Give the form the page sends for files: each a name, a type and bytes."""
    form = aiohttp.FormData({"person": "7", **fields}, default_to_multipart=True)
    for name, mime, data in files:
        form.add_field("files", data, filename=name, content_type=mime)
    return form


async def told(bot: Bot) -> list[Message]:
    return [update.message for update in await bot.get_updates() if update.message]


async def test_photos_and_videos_become_one_album_and_the_rest_another(
    page: aiohttp.ClientSession, bot: Bot, anna: Person
) -> None:
    asked = await bot.send_message(7, "Пришлите отчёт")
    form = chosen(
        ("1.jpg", "image/jpeg", picture(1)),
        ("приказ.pdf", "application/pdf", b"%PDF"),
        ("2.mp4", "video/mp4", b"film"),
        ("3.heic", "image/heic", b"ftypheic"),
        caption="Провели",
        reply_to=str(asked.message_id),
    )
    assert (await page.post("/sim/upload", data=form)).status == 200
    came = await told(bot)
    assert [one.content_type for one in came] == ["photo", "video", "document", "document"]
    assert [one.caption for one in came] == ["Провели", None, None, None]
    assert [one.media_group_id == came[0].media_group_id for one in came] == [True, True, False, False]
    assert came[2].media_group_id == came[3].media_group_id
    assert all(one.reply_to_message for one in came)


async def test_eleven_photos_are_an_album_of_ten_and_one_photo(
    page: aiohttp.ClientSession, bot: Bot, anna: Person
) -> None:
    photos = [(f"{n}.jpg", "image/jpeg", picture(n)) for n in range(1, 12)]
    assert (await page.post("/sim/upload", data=chosen(*photos, caption="Все"))).status == 200
    came = await told(bot)
    assert len({one.media_group_id for one in came[:10]}) == 1
    assert came[10].media_group_id is None
    assert [one.caption for one in came if one.caption] == ["Все"]


async def test_pictures_as_files_keep_their_bytes_and_get_thumbnails(
    page: aiohttp.ClientSession, bot: Bot, anna: Person
) -> None:
    data = picture(4)
    files = [("1.jpg", "image/jpeg", data), ("2.png", "image/png", b"broken"), ("3.HEIC", "", b"ftypheic")]
    assert (await page.post("/sim/upload", data=chosen(*files, as_file="1"))).status == 200
    came = [one.document for one in await told(bot) if one.document]
    assert [one.mime_type for one in came][:2] == ["image/jpeg", "image/png"]
    assert [one.thumbnail is not None for one in came] == [True, False, False]
    assert anna.downloads(anna.chat[0]) == data
    thumbnail = anna.chat[0]["document"]["thumbnail"]["file_id"]
    shown = await page.get(f"/sim/file/{thumbnail}")
    assert shown.content_type == "image/jpeg"
    whole = await page.get(f"/sim/file/{came[0].file_id}")
    assert (whole.content_type, await whole.read()) == ("application/octet-stream", data)


async def test_what_is_no_photo_is_refused_in_words(page: aiohttp.ClientSession, anna: Person) -> None:
    answer = await page.post("/sim/upload", data=chosen(("1.jpg", "image/jpeg", b"broken")))
    assert (answer.status, await answer.json()) == (400, {"error": "Bad Request: IMAGE_PROCESS_FAILED"})
    assert (await page.post("/sim/upload", data=chosen())).status == 400
    assert anna.chat == []


async def test_a_voice_is_sent_as_an_answer(page: aiohttp.ClientSession, bot: Bot, anna: Person) -> None:
    asked = await bot.send_message(7, "Пришлите отчёт")
    await page.post("/sim/voice", json={"person": 7, "seconds": 8, "reply_to": asked.message_id})
    (came,) = await told(bot)
    assert came.voice is not None
    assert came.voice.duration == 8
    assert came.reply_to_message is not None


async def test_texts_captions_and_photos_are_edited_and_nothing_else(
    page: aiohttp.ClientSession, bot: Bot, anna: Person
) -> None:
    text, photo = anna.sends("раз"), anna.sends_photo(picture(1), "Стенд")
    sticker, forward = anna.sends_sticker(), anna.forwards("чужое", origin=Origin.USER)
    said = await bot.send_message(7, "слова бота")

    async def edit(number: int, words: str) -> int:
        body = {"person": 7, "message_id": number, "text": words}
        return (await page.post("/sim/edit", json=body)).status

    async def replace(number: int) -> int:
        form = chosen(("1.jpg", "image/jpeg", picture(2)), edit=str(number))
        return (await page.post("/sim/upload", data=form)).status

    before = anna.downloads(photo)
    assert [await edit(text["message_id"], "два"), await edit(photo["message_id"], "")] == [200, 200]
    assert await replace(photo["message_id"]) == 200
    assert (text["text"], photo.get("caption"), anna.downloads(photo) == before) == ("два", None, False)
    refused = [sticker["message_id"], forward["message_id"], said.message_id]
    assert [await edit(number, "x") for number in refused] == [400, 400, 400]
    assert [await edit(text["message_id"], " "), await replace(text["message_id"])] == [400, 400]
    assert await edit(999, "x") == 404
    kinds = [update.event_type for update in await bot.get_updates()]
    assert kinds == ["message"] * 4 + ["edited_message"] * 3


async def test_deleted_messages_leave_the_screen_and_nobody_is_told(
    page: aiohttp.ClientSession, bot: Bot, anna: Person
) -> None:
    said = await bot.send_message(7, "слова бота")
    anna.sends_album([Media(Kind.DOCUMENT, b"a", "a.pdf"), Media(Kind.DOCUMENT, b"b", "b.pdf")])
    before: list[Update] = await bot.get_updates()
    numbers = [said.message_id, *(one["message_id"] for one in anna.chat[1:])]
    answer = await page.post("/sim/delete", json={"person": 7, "message_ids": numbers})
    assert await answer.json() == {"deleted": 3}
    state = await (await page.get("/sim/state")).json()
    assert state["people"][0]["messages"] == []
    assert await bot.get_updates() == before
    for path, body in (
        ("/sim/delete", {"message_ids": numbers}),
        ("/sim/send", {"text": "x", "reply_to": numbers[0]}),
        ("/sim/voice", {"reply_to": numbers[0]}),
        ("/sim/press", {"message_id": numbers[0], "data": "x"}),
    ):
        assert (await page.post(path, json={"person": 7, **body})).status == 404
