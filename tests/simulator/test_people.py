"""What a phone sends reaches the bot as from the real server: read by aiogram's own client over HTTP."""

from typing import Any

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest
from aiogram.types import (
    Message,
    MessageOriginChannel,
    MessageOriginChat,
    MessageOriginHiddenUser,
    MessageOriginUser,
)

from simulator import Album, Kind, Media, Origin, Person, Simulator
from simulator.people import picture

MB = 1024 * 1024


async def messages(bot: Bot) -> list[Message]:
    """Take every waiting message off the queue."""
    updates = await bot.get_updates(timeout=0)
    if updates:
        await bot.get_updates(offset=updates[-1].update_id + 1, timeout=0)
    return [update.message or update.edited_message for update in updates]  # type: ignore[misc]


async def only(bot: Bot) -> Message:
    (message,) = await messages(bot)
    return message


async def downloaded(bot: Bot, file_id: str) -> bytes:
    file = await bot.get_file(file_id)
    assert file.file_path is not None
    data = await bot.download_file(file.file_path)
    assert data is not None
    return data.read()


# --- files -------------------------------------------------------------------------------------


async def test_a_voice_message_comes_with_its_length_caption_and_reply(bot: Bot, anna: Person) -> None:
    asked = await bot.send_message(7, "Пришлите отчёт")
    anna.sends_voice(17, "Провели педсовет", asked.message_id, data=b"OggS")
    message = await only(bot)
    assert message.voice is not None
    assert (message.voice.duration, message.voice.mime_type, message.voice.file_size) == (17, "audio/ogg", 4)
    assert message.caption == "Провели педсовет"
    assert message.reply_to_message is not None
    assert message.reply_to_message.message_id == asked.message_id
    assert await downloaded(bot, message.voice.file_id) == b"OggS"


async def test_stubs_of_two_voices_are_different_files(bot: Bot, anna: Person) -> None:
    anna.sends_voice()
    anna.sends_voice()
    first, second = [one.voice for one in await messages(bot) if one.voice]
    assert first.file_unique_id != second.file_unique_id


async def test_a_round_video_a_video_and_a_recording_come_each_in_its_field(bot: Bot, anna: Person) -> None:
    anna.sends_video_note(9)
    anna.sends_video(b"film", "Линейка", "линейка.mp4", seconds=40, thumbnail=picture(side=800))
    anna.sends_audio(b"song", file_name="гимн.mp3")
    note, video, audio = await messages(bot)
    assert note.video_note is not None
    assert (note.video_note.duration, note.caption) == (9, None)
    assert video.video is not None
    assert video.video.thumbnail is not None
    assert (video.video.file_name, video.video.duration, video.video.mime_type, video.caption) == (
        "линейка.mp4",
        40,
        "video/mp4",
        "Линейка",
    )
    assert max(video.video.thumbnail.width, video.video.thumbnail.height) == 320
    assert audio.audio is not None
    assert (audio.audio.file_name, audio.audio.mime_type) == ("гимн.mp3", "audio/mpeg")


async def test_a_gif_comes_as_an_animation_and_as_a_document_at_once(bot: Bot, anna: Person) -> None:
    anna.sends_animation(b"gif", file_name="салют.gif.mp4")
    message = await only(bot)
    assert message.animation is not None
    assert message.document is not None
    assert message.animation.file_id == message.document.file_id


@pytest.mark.parametrize("kind", ["document", "video", "audio", "voice"])
async def test_what_declares_more_than_20_mb_can_be_seen_but_not_fetched(
    bot: Bot, anna: Person, kind: str
) -> None:
    sent: Any = {
        "document": lambda size: anna.sends_document(b"scan", "скан.pdf", size=size),
        "video": lambda size: anna.sends_video(size=size),
        "audio": lambda size: anna.sends_audio(size=size),
        "voice": lambda size: anna.sends_voice(size=size),
    }[kind]
    sent(25 * MB)
    sent(20 * MB)
    big, small = [getattr(one, kind) for one in await messages(bot)]
    assert big.file_size == 25 * MB
    with pytest.raises(TelegramBadRequest, match="Bad Request: file is too big"):
        await bot.get_file(big.file_id)
    assert await downloaded(bot, small.file_id) == anna.downloads(anna.chat[1])


@pytest.mark.parametrize(
    ("name", "mime", "data", "thumbnail"),
    [
        ("IMG_0412.HEIC", "image/heic", b"\0\0\0\x18ftypheic", None),
        ("IMG_0413.HEIC", "image/heic", b"\0\0\0\x18ftypheix", picture(5)),
        ("приказ.jpg", "image/jpeg", picture(6), picture(6)),
        ("скрин.png", "image/png", b"\x89PNG broken", b"\x89PNG broken"),
    ],
)
async def test_a_picture_as_a_file_keeps_its_bytes_type_and_perhaps_a_thumbnail(
    bot: Bot, anna: Person, name: str, mime: str, data: bytes, thumbnail: bytes | None
) -> None:
    anna.sends_document(data, name, mime, thumbnail=thumbnail)
    message = await only(bot)
    assert message.photo is None
    assert message.document is not None
    assert (message.document.file_name, message.document.mime_type) == (name, mime)
    assert await downloaded(bot, message.document.file_id) == data
    shown = message.document.thumbnail
    assert (shown is not None) == (thumbnail is not None and thumbnail.startswith(b"\xff\xd8"))
    if shown is not None:
        assert (await downloaded(bot, shown.file_id)).startswith(b"\xff\xd8")


# --- albums ------------------------------------------------------------------------------------


async def test_an_album_mixes_photos_and_videos_and_answers_a_message(bot: Bot, anna: Person) -> None:
    asked = await bot.send_message(7, "Пришлите отчёт")
    clip = Media(Kind.VIDEO, b"film", "урок.mp4", seconds=30)
    anna.sends_album([picture(), clip, picture()], "Открытый урок", caption_on=1, reply_to=asked.message_id)
    came = await messages(bot)
    assert [bool(one.photo) for one in came] == [True, False, True]
    assert came[1].video is not None
    assert len({one.media_group_id for one in came}) == 1
    assert [one.caption for one in came] == [None, "Открытый урок", None]
    assert {one.reply_to_message.message_id for one in came if one.reply_to_message} == {asked.message_id}


async def test_an_album_of_documents_keeps_each_name(bot: Bot, anna: Person) -> None:
    names = ["приказ.pdf", "протокол.docx", "лист.xlsx"]
    anna.sends_album([Media(Kind.DOCUMENT, name.encode(), name) for name in names])
    came = await messages(bot)
    assert [one.document.file_name for one in came if one.document] == names
    assert {one.document.mime_type for one in came if one.document} > {"application/pdf"}
    assert len({one.media_group_id for one in came}) == 1
    with pytest.raises(AssertionError, match="no album holds"):
        anna.album([picture(), Media(Kind.DOCUMENT, b"a", "a.pdf")])


async def test_two_albums_at_once_come_mixed_in_the_order_of_their_numbers(bot: Bot, anna: Person) -> None:
    anna.sends_albums(
        Album([picture() for _ in range(3)], "Первый"),
        Album([Media(Kind.DOCUMENT, b"a", "a.pdf"), Media(Kind.DOCUMENT, b"b", "b.pdf")], "Второй"),
    )
    updates = await bot.get_updates()
    came = [one.message for one in updates if one.message]
    first, second = came[0].media_group_id, came[1].media_group_id
    assert first != second
    assert [one.media_group_id for one in came] == [first, second, first, second, first]
    assert [one.caption for one in came] == ["Первый", "Второй", None, None, None]
    assert [one.update_id for one in updates] == sorted(one.update_id for one in updates)
    assert [one.message_id for one in came] == sorted(one.message_id for one in came)


async def test_two_albums_not_delivered_yet_can_be_delivered_in_any_order(
    sim: Simulator, bot: Bot, anna: Person
) -> None:
    first, second = anna.album(2), anna.album(2)
    assert await messages(bot) == []
    for update in (second[0], first[0], second[1], first[1]):
        sim.deliver(update)
    came = await messages(bot)
    assert [one.media_group_id for one in came] == [came[0].media_group_id, came[1].media_group_id] * 2


# --- what is no file ---------------------------------------------------------------------------


async def test_everything_a_phone_can_send_can_answer_a_message(bot: Bot, anna: Person) -> None:
    asked = await bot.send_message(7, "Пришлите отчёт")
    answer = asked.message_id
    anna.sends_sticker(answer)
    anna.sends_location(answer)
    anna.sends_venue(reply_to=answer)
    anna.sends_contact(answer)
    anna.sends_poll(reply_to=answer)
    anna.sends_dice(answer, value=4)
    anna.sends_story(answer)
    anna.sends_video_note(reply_to=answer)
    anna.sends_animation(reply_to=answer)
    came = await messages(bot)
    assert [one.content_type for one in came] == [
        "sticker",
        "location",
        "venue",
        "contact",
        "poll",
        "dice",
        "story",
        "video_note",
        "animation",
    ]
    assert {one.reply_to_message.message_id for one in came if one.reply_to_message} == {answer}
    assert all(one.reply_to_message for one in came)
    venue, poll, dice, story = came[2], came[4].poll, came[5].dice, came[6].story
    assert venue.venue is not None
    assert venue.location == venue.venue.location
    assert poll is not None
    assert [option.text for option in poll.options] == ["Во вторник", "В среду"]
    assert dice is not None
    assert dice.value == 4
    assert story is not None
    assert story.chat.type == "channel"


# --- words -------------------------------------------------------------------------------------


async def test_links_addresses_and_commands_are_found_in_utf16_units(bot: Bot, anna: Person) -> None:
    text = "🔴 Отчёт: https://school5.example/a?b=1, почта a.b@school5.example, @zaozerye_news #педсовет"
    anna.sends(text)
    anna.sends("/start abc")
    came, started = await messages(bot)
    assert [(one.type, one.extract_from(text)) for one in came.entities or []] == [
        ("url", "https://school5.example/a?b=1"),
        ("email", "a.b@school5.example"),
        ("mention", "@zaozerye_news"),
        ("hashtag", "#педсовет"),
    ]
    assert came.link_preview_options is not None
    assert came.link_preview_options.is_disabled is True
    assert [(one.type, one.length) for one in started.entities or []] == [("bot_command", 6)]
    assert started.link_preview_options is None


async def test_a_phone_formats_words_and_chooses_the_preview_of_a_link(bot: Bot, anna: Person) -> None:
    link = {"type": "text_link", "offset": 6, "length": 5, "url": "https://school5.example/news"}
    preview = {"url": "https://school5.example/news", "prefer_small_media": True, "show_above_text": True}
    anna.sends("Вот о нём: school5.ru", entities=[link], link_preview_options=preview)
    message = await only(bot)
    assert [(one.type, one.url) for one in message.entities or []] == [
        ("text_link", "https://school5.example/news"),
        ("url", None),
    ]
    assert message.link_preview_options is not None
    assert message.link_preview_options.url == "https://school5.example/news"
    assert message.link_preview_options.show_above_text is True


async def test_words_of_a_caption_are_found_as_well(bot: Bot, anna: Person) -> None:
    anna.sends_photo(caption="Фото на school5.ru")
    message = await only(bot)
    assert [one.type for one in message.caption_entities or []] == ["url"]
    assert message.entities is None


# --- forwards ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("origin", "expected", "older"),
    [
        (Origin.USER, MessageOriginUser, "forward_from"),
        (Origin.HIDDEN_USER, MessageOriginHiddenUser, "forward_sender_name"),
        (Origin.CHAT, MessageOriginChat, "forward_from_chat"),
        (Origin.CHANNEL, MessageOriginChannel, "forward_from_message_id"),
    ],
)
async def test_a_forward_says_where_it_is_from(
    bot: Bot, anna: Person, origin: Origin, expected: type, older: str
) -> None:
    anna.forwards("Итоги недели", origin=origin)
    anna.forwards("Фото с линейки", origin=origin, photo=picture())
    anna.forwards(origin=origin, document=Media(Kind.DOCUMENT, b"plan", "план.docx"))
    text, photo, document = await messages(bot)
    assert all(isinstance(one.forward_origin, expected) for one in (text, photo, document))
    assert all(getattr(one, older) is not None for one in (text, photo, document))
    assert text.text == "Итоги недели"
    assert photo.photo
    assert photo.caption == "Фото с линейки"
    assert document.document is not None
    assert (document.document.file_name, document.caption) == ("план.docx", None)


async def test_a_message_is_forwarded_from_its_sender_without_its_buttons(
    sim: Simulator, bot: Bot, anna: Person
) -> None:
    boris = sim.person("Борис", user_id=8)
    original = boris.sends_photo(caption="Стенд", reply_to=boris.sends("раз"))
    anna.forwards(original)
    anna.sends_album(2, origin=Origin.CHANNEL)
    *_, forwarded, first, second = await messages(bot)
    assert isinstance(forwarded.forward_origin, MessageOriginUser)
    assert forwarded.forward_origin.sender_user.id == 8
    assert forwarded.photo
    assert (forwarded.caption, forwarded.reply_to_message) == ("Стенд", None)
    assert forwarded.from_user is not None
    assert forwarded.from_user.id == 7
    assert first.media_group_id == second.media_group_id
    assert isinstance(second.forward_origin, MessageOriginChannel)


# --- edits and deletions -----------------------------------------------------------------------


async def test_captions_are_edited_and_emptied(sim: Simulator, bot: Bot, anna: Person) -> None:
    voice = anna.sends_voice(caption="раз")
    document = anna.sends_document(b"a", "a.pdf")
    await messages(bot)
    anna.edits(voice, "")
    anna.edits(document, "приказ на school5.ru")
    updates = await bot.get_updates()
    assert [one.event_type for one in updates] == ["edited_message", "edited_message"]
    emptied, worded = [one.edited_message for one in updates if one.edited_message]
    assert (emptied.message_id, emptied.caption) == (voice["message_id"], None)
    assert emptied.voice is not None
    assert worded.caption == "приказ на school5.ru"
    assert [one.type for one in worded.caption_entities or []] == ["url"]
    assert worded.edit_date is not None
    with pytest.raises(AssertionError, match="no caption"):
        anna.edits(anna.sends_video_note(), "нельзя")
    with pytest.raises(AssertionError, match="forwarded"):
        anna.edits(anna.forwards("чужое"), "нельзя")
    assert sim.calls("editMessageText") == []


async def test_an_edited_text_finds_its_words_anew(bot: Bot, anna: Person) -> None:
    message = anna.sends("см. school5.ru")
    await messages(bot)
    anna.edits(message, "ничего")
    edited = await only(bot)
    assert (edited.text, edited.entities, edited.link_preview_options) == ("ничего", None, None)


async def test_a_new_photo_in_an_old_message_keeps_the_caption(bot: Bot, anna: Person) -> None:
    photo = anna.sends_photo(picture(1), "Стенд")
    other = anna.sends_photo(picture(2), "Приказ")
    before = {one.photo[-1].file_unique_id for one in await messages(bot) if one.photo}
    anna.edits_media(photo, picture(3))
    anna.edits_media(other, media=Media(Kind.DOCUMENT, b"pdf", "приказ.pdf"), caption="Приказ № 4")
    first, second = await messages(bot)
    assert first.message_id == photo["message_id"]
    assert first.caption == "Стенд"
    assert first.photo is not None
    assert first.photo[-1].file_unique_id not in before
    assert await downloaded(bot, first.photo[-1].file_id) == anna.downloads(photo)
    assert second.photo is None
    assert second.document is not None
    assert (second.document.file_name, second.caption) == ("приказ.pdf", "Приказ № 4")


async def test_a_deleted_message_vanishes_without_a_word_to_the_bot(
    sim: Simulator, bot: Bot, anna: Person
) -> None:
    message = anna.sends("Отчёт")
    await messages(bot)
    anna.deletes(message)
    assert anna.chat == []
    assert await bot.get_updates() == []
    with pytest.raises(TelegramBadRequest, match="Bad Request: message to be replied not found"):
        await bot.send_message(7, "Принял", reply_to_message_id=message["message_id"])
    answer = await bot.send_message(
        7, "Принял", reply_to_message_id=message["message_id"], allow_sending_without_reply=True
    )
    assert answer.reply_to_message is None
    assert [one["text"] for one in anna.chat] == ["Принял"]
    anna.deletes(answer.message_id)
    with pytest.raises(TelegramBadRequest, match="message to edit not found"):
        await bot.edit_message_text("Принято", chat_id=7, message_id=answer.message_id)


async def test_a_message_deleted_before_the_bot_has_asked_still_reaches_it(bot: Bot, anna: Person) -> None:
    anna.deletes(anna.sends("Не туда"))
    assert (await only(bot)).text == "Не туда"
