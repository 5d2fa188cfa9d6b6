"""Settings: what an administrator writes, and the sentence for what is wrong."""

import traceback
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.settings import Bucket, Settings, WrongSettings, bucket_of, load_settings

EXAMPLE = Path(__file__).parents[2] / ".env.example"
SECRET = "a-long-secret_of-letters-and-9"


@pytest.fixture(autouse=True)
def _nothing_is_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)


def example() -> dict[str, str]:
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    return {name: value for name, _, value in pairs}


def test_the_example_names_every_setting_and_no_other() -> None:
    assert sorted(example()) == sorted(name.upper() for name in Settings.model_fields)


def test_the_example_copied_as_it_is_changes_nothing(tmp_path: Path) -> None:
    untouched = load_settings()
    (tmp_path / ".env").write_text(EXAMPLE.read_text(encoding="utf-8"), encoding="utf-8")
    assert load_settings() == untouched


def test_nothing_set_means_a_demo_on_this_machine() -> None:
    settings = load_settings()
    assert settings.bot_token is None
    assert settings.database_url == "sqlite+aiosqlite:///data/roadmap.sqlite3"
    assert (settings.http_host, settings.http_port) == ("127.0.0.1", 8080)


def test_an_empty_value_is_no_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOT_TOKEN", "")
    monkeypatch.setenv("WEBHOOK_URL", "")
    settings = load_settings()
    assert (settings.bot_token, settings.webhook_url) == (None, None)


def test_the_environment_passes_before_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("HTTP_PORT=9000\nDATA_DIR=/srv/roadmap\n", encoding="utf-8")
    monkeypatch.setenv("HTTP_PORT", "9001")
    settings = load_settings()
    assert settings.http_port == 9001
    assert settings.database_url == "sqlite+aiosqlite:////srv/roadmap/roadmap.sqlite3"


@pytest.mark.parametrize(
    ("name", "value", "advice"),
    [
        ("HTTP_PORT", "порт", "8080"),
        ("HTTP_PORT", "70000", "65535"),
        ("TELEGRAM_API_BASE", "telegram", "https://api.telegram.org"),
        ("TELEGRAM_PROXY", "host:1080", "socks5://"),
        ("WEBHOOK_URL", "bot.example.ru", "https://bot.example.ru"),
        ("WEBHOOK_SECRET", "секрет", "латинск"),
        ("DATABASE_URL", "postgres://host/roadmap", "postgresql+psycopg://"),
    ],
)
def test_a_wrong_value_is_named_with_what_to_write(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, advice: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(WrongSettings) as wrong:
        load_settings()
    assert name in str(wrong.value)
    assert advice in str(wrong.value)


def test_a_bucket_is_read_from_its_address() -> None:
    keys = ("AKEY", SecretStr("se/cr+et%:#"))
    assert bucket_of(
        SecretStr("s3://AKEY:se%2Fcr+et%25:%23@storage.example.ru/bucket/roadmap/files/?region=ru-central1")
    ) == Bucket("https://storage.example.ru", "ru-central1", "bucket", "roadmap/files", *keys)
    assert bucket_of(SecretStr("s3+http://A%40B:s@127.0.0.1:9000/my.bucket")) == Bucket(
        "http://127.0.0.1:9000", "us-east-1", "my.bucket", "", "A@B", SecretStr("s")
    )


def test_nothing_said_of_files_means_the_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FILES_URL", "")
    assert load_settings().files_url is None


@pytest.mark.parametrize(
    "address",
    [
        "/srv/files",
        "https://AKEY:{}@storage.example.ru/bucket",
        "s3://storage.example.ru/bucket",
        "s3://AKEY@storage.example.ru/bucket",
        "s3://AKEY:@storage.example.ru/bucket",
        "s3://:{}@storage.example.ru/bucket",
        "s3://AKEY:{}@/bucket",
        "s3://AKEY:{}@storage.example.ru",
        "s3://AKEY:{}@storage.example.ru/",
        "s3://AKEY:{}@storage.example.ru/b",
        "s3://AKEY:{}@storage.example.ru/папка",
        "s3://AKEY:{}@storage.example.ru/bucket/../other",
        "s3://AKEY:{}@storage.example.ru:порт/bucket",
        "s3://AKEY:{}@storage.example.ru:70000/bucket",
        "s3://AKEY:{}@storage.example.ru:0/bucket",
        "s3://AKEY:{}@[storage/bucket",
        "s3://AKEY:{}/more@storage.example.ru/bucket",
        "s3://AKEY:{}@storage.example.ru/bucket?zone=ru",
        "s3://AKEY:{}@storage.example.ru/bucket#files",
        "s3://AKEY:{}%0A@storage.example.ru/bucket",
        "s3://КЛЮЧ:{}@storage.example.ru/bucket",
    ],
)
def test_a_wrong_address_of_files_is_explained_and_its_secret_is_not_told(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("FILES_URL", address.format(SECRET))
    with pytest.raises(WrongSettings) as wrong:
        load_settings()
    assert "FILES_URL" in str(wrong.value)
    assert "s3://КЛЮЧ:СЕКРЕТ@" in str(wrong.value)
    assert SECRET not in "".join(traceback.format_exception(wrong.value))


def test_a_webhook_without_a_secret_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEBHOOK_URL", "https://bot.example.ru/telegram")
    with pytest.raises(WrongSettings, match="WEBHOOK_SECRET"):
        load_settings()
    monkeypatch.setenv("WEBHOOK_SECRET", SECRET)
    assert load_settings().webhook_url == "https://bot.example.ru/telegram"


def test_a_file_that_is_not_utf_8_is_named(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes("DATA_DIR=данные\n".encode("cp1251"))
    with pytest.raises(WrongSettings, match=r"\.env"):
        load_settings()


def test_secrets_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOT_TOKEN", "123456:" + "A" * 35)
    monkeypatch.setenv("FILES_URL", f"s3://AKEY:{SECRET}@storage.example.ru/bucket")
    settings = load_settings()
    assert settings.files_url is not None
    shown = f"{settings!r} {bucket_of(settings.files_url)!r}"
    assert "AAAA" not in shown
    assert SECRET not in shown
