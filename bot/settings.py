"""Settings from the environment or ``.env``, each checked, with a sentence for what is wrong."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ENV = Path(".env")
SCHEMES = ("sqlite+aiosqlite", "postgresql+psycopg")
SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")  # what setWebhook takes
KEY = re.compile(r"[!-~]+")  # what can stand in a signed header
REGION = "us-east-1"  # what services without regions answer to
WIRES = {"s3": "https", "s3+http": "http"}
BUCKET = re.compile(
    r"""(?P<wire>s3|s3\+http)://
    (?P<key>[^\s:@/?#]+):(?P<secret>[^\s@/?#]+)@
    (?P<host>[A-Za-z0-9.-]+(:(?P<port>\d{1,5}))?)/
    (?P<name>[A-Za-z0-9][A-Za-z0-9._-]{2,62})
    (/(?P<prefix>\w[\w.-]*(/\w[\w.-]*)*))?/?
    (\?region=(?P<region>[A-Za-z0-9-]+))?""",
    re.VERBOSE | re.ASCII,
)


@dataclass(frozen=True)
class Bucket:
    """A bucket of an S3-compatible service: where it is, what precedes each name, and its keys."""

    endpoint: str
    region: str
    name: str
    prefix: str
    key: str
    secret: SecretStr


def bucket_of(address: SecretStr) -> Bucket:
    """Read ``s3://KEY:SECRET@host/bucket/prefix?region=…``. Raises ValueError, which tells no secret."""
    read = BUCKET.fullmatch(address.get_secret_value())
    if read is None or int(read["port"] or 443) not in range(1, 65536):
        raise ValueError("address")
    key, secret = unquote(read["key"]), unquote(read["secret"])
    if not KEY.fullmatch(key) or not KEY.fullmatch(secret):
        raise ValueError("keys")
    endpoint = f"{WIRES[read['wire']]}://{read['host']}"
    return Bucket(
        endpoint, read["region"] or REGION, read["name"], read["prefix"] or "", key, SecretStr(secret)
    )


class WrongSettings(Exception):
    """A setting has a wrong value; the text says which and what to write."""


class Settings(BaseSettings):
    """What an administrator can set; ``.env.example`` documents each."""

    model_config = SettingsConfigDict(
        env_file=ENV, env_file_encoding="utf-8", env_ignore_empty=True, extra="ignore"
    )

    bot_token: SecretStr | None = None
    telegram_api_base: str = "https://api.telegram.org"
    telegram_proxy: str | None = None
    data_dir: Path = Path("data")
    database_url: str = ""
    http_host: str = "127.0.0.1"
    http_port: int = Field(default=8080, ge=1, le=65535)
    webhook_url: str | None = None
    webhook_secret: SecretStr | None = None
    files_url: SecretStr | None = None

    @field_validator("telegram_api_base", "webhook_url", "telegram_proxy")
    @classmethod
    def _is_address(cls, value: str | None) -> str | None:
        if value is not None and (not urlsplit(value).scheme or not urlsplit(value).netloc):
            raise ValueError
        return value.rstrip("/") if value else value

    @field_validator("webhook_secret")
    @classmethod
    def _is_secret(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not SECRET.fullmatch(value.get_secret_value()):
            raise ValueError
        return value

    @field_validator("files_url")
    @classmethod
    def _is_bucket(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            bucket_of(value)
        return value

    @model_validator(mode="after")
    def _fill_in(self) -> "Settings":
        if not self.database_url:
            self.database_url = f"sqlite+aiosqlite:///{self.data_dir / 'roadmap.sqlite3'}"
        return self


ADVICE = {
    "telegram_api_base": "нужен адрес вида https://api.telegram.org",
    "telegram_proxy": "нужен адрес вида socks5://user:password@host:1080 или http://host:3128",
    "http_port": "нужно число от 1 до 65535, например 8080",
    "webhook_url": "нужен адрес вида https://bot.example.ru/telegram",
    "webhook_secret": "нужна длинная строка из латинских букв, цифр, «-» и «_», не больше 256 знаков",
    "data_dir": "нужен путь к папке",
    "files_url": (
        "нужен адрес вида s3://КЛЮЧ:СЕКРЕТ@storage.example.ru/bucket/roadmap?region=ru-central1; в ключе и "
        "секрете вместо «/», «%», «@», «#», «?» пишут %2F, %25, %40, %23, %3F; пусто — файлы лежат в DATA_DIR"
    ),
}


def load_settings(**given: Any) -> Settings:
    """Read the settings. Raises WrongSettings with a sentence for the administrator."""
    try:
        settings = Settings(**given)
    except ValidationError as error:
        name = str(error.errors()[0]["loc"][0]) if error.errors()[0]["loc"] else ""
        raise WrongSettings(_sentence(name)) from None
    except UnicodeDecodeError:
        raise WrongSettings("Файл .env записан не в UTF-8: сохраните его заново в этой кодировке.") from None
    _check_database(settings.database_url)
    if settings.webhook_url and settings.webhook_secret is None:
        raise WrongSettings(
            "Задан WEBHOOK_URL, но нет WEBHOOK_SECRET: без секрета сообщения боту мог бы подделать "
            "кто угодно. Придумайте длинную строку из латинских букв и цифр и впишите её в WEBHOOK_SECRET."
        )
    return settings


def _sentence(name: str) -> str:
    return f"Неверное значение {name.upper()} в настройках: {ADVICE.get(name, 'проверьте .env.example')}."


def _check_database(url: str) -> None:
    if url.partition("://")[0] not in SCHEMES:
        raise WrongSettings(
            "Неверное значение DATABASE_URL в настройках: нужен адрес вида "
            "sqlite+aiosqlite:////srv/roadmap/roadmap.sqlite3 или "
            "postgresql+psycopg://user:password@host/roadmap."
        )
