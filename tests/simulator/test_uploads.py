"""What the bot uploads is kept, shown to people, and refused as the real server refuses it."""

import aiohttp
import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest, TelegramEntityTooLarge
from aiogram.types import (
    BufferedInputFile,
    InputMediaAudio,
    InputMediaDocument,
    InputMediaPhoto,
    InputMediaVideo,
)

from simulator import Person, Simulator
from simulator.people import picture
from tests.simulator.conftest import TOKEN

MB = 1024 * 1024


async def test_an_uploaded_document_is_downloaded_byte_for_byte(bot: Bot, anna: Person) -> None:
    sent = await bot.send_document(7, BufferedInputFile(b"PK table", "Сводка.xlsx"), caption="Сводка")
    assert sent.document is not None
    assert sent.document.file_name == "Сводка.xlsx"
    assert sent.document.mime_type == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    assert sent.document.file_size == 8
    assert anna.downloads(anna.last) == b"PK table"
    again = await bot.send_document(7, sent.document.file_id)
    assert again.document == sent.document
    assert anna.downloads(anna.last) == b"PK table"


async def test_an_uploaded_photo_is_shown_in_sizes_of_which_the_largest_is_downloaded(
    bot: Bot, anna: Person
) -> None:
    sent = await bot.send_photo(7, BufferedInputFile(picture(side=1000), "доска.jpg"))
    assert sent.photo is not None
    assert [size.width for size in sent.photo] == [90, 320, 800, 1000]
    assert len(anna.downloads(anna.last)) == sent.photo[-1].file_size


async def test_an_uploaded_album_is_several_messages_each_with_its_file(bot: Bot, anna: Person) -> None:
    sent = await bot.send_media_group(
        7,
        [
            InputMediaDocument(
                media=BufferedInputFile(b"one", "1.pdf"), caption="<b>Два</b>", parse_mode="HTML"
            ),
            InputMediaDocument(media=BufferedInputFile(b"two", "2.pdf")),
        ],
    )
    assert [piece.document.file_name for piece in sent if piece.document] == ["1.pdf", "2.pdf"]
    assert len({piece.media_group_id for piece in sent}) == 1
    assert [anna.downloads(one) for one in anna.inbox] == [b"one", b"two"]
    assert anna.inbox[0]["caption"] == "Два"
    mixed = await bot.send_media_group(
        7,
        [
            InputMediaPhoto(media=BufferedInputFile(picture(), "1.jpg")),
            InputMediaVideo(media=BufferedInputFile(b"film", "2.mp4")),
        ],
    )
    assert [one.content_type for one in mixed] == ["photo", "video"]


async def test_attached_parts_are_found_by_their_names_in_a_bare_form(sim: Simulator, anna: Person) -> None:
    form = aiohttp.FormData({"chat_id": "7"})
    form.add_field("document", "attach://sheet")
    form.add_field("sheet", b"PK", filename="лист.docx", content_type="application/octet-stream")
    direct = aiohttp.FormData({"chat_id": "7"})
    direct.add_field("document", b"%PDF", filename="приказ.pdf", content_type="application/octet-stream")
    lost = aiohttp.FormData({"chat_id": "7"})
    lost.add_field("media", '[{"type":"photo","media":"attach://a"},{"type":"photo","media":"attach://b"}]')
    async with aiohttp.ClientSession(f"{sim.base_url}/bot{TOKEN}/") as http:
        assert (await http.post("sendDocument", data=form)).status == 200
        assert (await http.post("sendDocument", data=direct)).status == 200
        refused = await (await http.post("sendMediaGroup", data=lost)).json()
    assert [anna.downloads(one) for one in anna.inbox] == [b"PK", b"%PDF"]
    assert refused["description"] == "Bad Request: can't parse InputMedia: media not found"


async def test_every_kind_of_file_goes_out_by_its_own_method(bot: Bot, anna: Person) -> None:
    made = [
        await bot.send_video(7, BufferedInputFile(b"1", "a.mp4")),
        await bot.send_audio(7, BufferedInputFile(b"2", "a.mp3")),
        await bot.send_animation(7, BufferedInputFile(b"3", "a.mp4")),
        await bot.send_voice(7, BufferedInputFile(b"4", "a.oga")),
        await bot.send_video_note(7, BufferedInputFile(b"5", "a.mp4")),
        await bot.send_sticker(7, BufferedInputFile(b"6", "a.webp")),
    ]
    assert [one.content_type for one in made] == [
        "video",
        "audio",
        "animation",
        "voice",
        "video_note",
        "sticker",
    ]
    assert [anna.downloads(one) for one in anna.inbox] == [b"1", b"2", b"3", b"4", b"5", b"6"]


async def test_a_persons_file_is_sent_on_as_what_it_is(bot: Bot, anna: Person) -> None:
    voice = anna.sends_voice(3, data=b"OggS")["voice"]["file_id"]
    photo = anna.sends_photo()["photo"][-1]["file_id"]
    document = anna.sends_document(b"a", "a.pdf", "application/pdf")["document"]["file_id"]
    thumbnail = anna.sends_video(thumbnail=picture())["video"]["thumbnail"]["file_id"]
    assert (await bot.send_document(7, voice)).voice is not None
    assert (await bot.send_photo(7, photo)).photo
    for method, file_id, words in (
        (bot.send_photo, document, "can't use file of type Document as Photo"),
        (bot.send_document, photo, "can't use file of type Photo as Document"),
        (bot.send_photo, thumbnail, "can't use file of type Thumbnail as Photo"),
    ):
        with pytest.raises(TelegramBadRequest, match=words):
            await method(7, file_id)


async def test_the_limits_of_uploads_are_the_real_servers(bot: Bot, anna: Person) -> None:
    big = b"\xff\xd8" + bytes(10 * MB)
    with pytest.raises(
        TelegramBadRequest,
        match=f"file of size {len(big)} bytes is too big for a photo; the maximum size is 10485760 bytes",
    ):
        await bot.send_photo(7, BufferedInputFile(big, "a.jpg"))
    sent = await bot.send_document(7, BufferedInputFile(big, "a.jpg"))
    assert sent.document is not None
    assert sent.document.mime_type == "image/jpeg"
    with pytest.raises(TelegramEntityTooLarge, match="Request Entity Too Large"):
        await bot.send_document(7, BufferedInputFile(bytes(50 * MB + 1), "a.bin"))
    with pytest.raises(TelegramBadRequest, match="file must be non-empty"):
        await bot.send_document(7, BufferedInputFile(b"", "a.txt"))
    with pytest.raises(TelegramBadRequest, match="IMAGE_PROCESS_FAILED"):
        await bot.send_photo(7, BufferedInputFile(b"no picture", "a.jpg"))
    assert len(anna.inbox) == 1


async def test_a_caption_holds_1024_signs(bot: Bot, anna: Person) -> None:
    file = BufferedInputFile(b"a", "a.txt")
    await bot.send_document(7, file, caption="<b>" + "я" * 1024 + "</b>", parse_mode="HTML")
    with pytest.raises(TelegramBadRequest, match="message caption is too long"):
        await bot.send_document(7, file, caption="я" * 1025)
    with pytest.raises(TelegramBadRequest, match="message caption is too long"):
        await bot.send_media_group(
            7, [InputMediaDocument(media=file), InputMediaDocument(media=file, caption="я" * 1025)]
        )
    assert len(anna.inbox) == 1


async def test_documents_and_music_are_mixed_with_nothing(bot: Bot, anna: Person) -> None:
    document = InputMediaDocument(media=BufferedInputFile(b"a", "a.pdf"))
    audio = InputMediaAudio(media=BufferedInputFile(b"b", "b.mp3"))
    photo = InputMediaPhoto(media=BufferedInputFile(picture(), "c.jpg"))
    with pytest.raises(TelegramBadRequest, match="document can't be mixed with other media types"):
        await bot.send_media_group(7, [document, photo])
    with pytest.raises(TelegramBadRequest, match="audio can't be mixed with other media types"):
        await bot.send_media_group(7, [audio, photo])
    assert anna.inbox == []
