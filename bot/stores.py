"""Stores: where the bytes of evidence and orders lie whole, a folder or an S3-compatible service."""

import errno
import fcntl
import hashlib
import os
import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from tempfile import mkstemp
from typing import Any, Protocol

from bot.settings import Bucket, Settings, bucket_of

NAME = re.compile(r"[0-9a-f]{64}")
HALF_WRITTEN = re.compile(r"\.[a-z0-9_]{8}")  # how mkstemp names a file with the prefix «.»
CONNECT_WITHIN, READ_WITHIN, ATTEMPTS = 5, 30, 3  # seconds, seconds, times
FRESH = timedelta(hours=1)  # an object this young need not be uploaded again


class StoreUnavailable(Exception):
    """The store cannot do it now (full, read-only, out of reach); a later try may succeed.

    The text names the trouble by its code («ENOSPC», «PutObject: SlowDown») and holds no secret.
    """


class Damaged(Exception):
    """The bytes that lie under this SHA-256 are not those that were put."""


class Store(Protocol):
    """Where bytes lie whole under their SHA-256. The methods block: call them in a thread."""

    def put(self, data: bytes) -> tuple[str, int]:
        """Keep bytes and give (SHA-256, size); when this returns, a power cut cannot take them.

        Bytes that were there already become fresh for ``sweep``. Raises StoreUnavailable, and then
        nothing half-written lies under the name.
        """

    def get(self, sha256: str) -> bytes:
        """Give bytes, verified. Raises FileNotFoundError, Damaged, StoreUnavailable."""

    def has(self, sha256: str, size: int | None = None) -> bool:
        """Tell whether a file is there, and of this size where one is given. Raises StoreUnavailable."""

    def sweep(self, known: Collection[str], *, older_than: datetime) -> int:
        """Remove what is older than the moment and no row knows, half-written files too; give how many.

        ``older_than`` lies well before ``known`` was read (a day), as bytes come before their row.
        Raises StoreUnavailable.
        """


def open_store(settings: Settings) -> Store:
    """Give the store that the settings name: the folder ``files`` of DATA_DIR, or FILES_URL."""
    if settings.files_url is None:
        return FolderStore(settings.data_dir / "files")
    return S3Store(bucket_of(settings.files_url))


class FolderStore:
    """A folder on a local disk: ``ab/abcd…``, each file whole or not there at all."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, sha256: str) -> Path:
        """Give the place of a file."""
        return self.folder / sha256[:2] / sha256

    def put(self, data: bytes) -> tuple[str, int]:
        """Keep bytes, see Store; a copy that a broken disk or restore has damaged is written anew."""
        sha256 = hashlib.sha256(data).hexdigest()
        target = self.path(sha256)
        with _disk():
            target.parent.mkdir(parents=True, exist_ok=True)
            with _alone_in(target.parent) as shelf:
                if _holds(target, data):
                    os.utime(target)
                else:
                    _write_whole(target, data)
                os.fsync(shelf)
            _sync_folder(self.folder)  # the folders may be new as well
            _sync_folder(self.folder.parent)
        return sha256, len(data)

    def get(self, sha256: str) -> bytes:
        """Give bytes, see Store."""
        try:
            data = self.path(sha256).read_bytes()
        except FileNotFoundError:
            raise FileNotFoundError(sha256) from None
        except OSError as error:
            raise _unavailable(error) from error
        return _verified(data, sha256)

    def has(self, sha256: str, size: int | None = None) -> bool:
        """Tell whether a file is there, see Store."""
        try:
            found = self.path(sha256).stat()
        except FileNotFoundError:
            return False
        except OSError as error:
            raise _unavailable(error) from error
        return size is None or found.st_size == size

    def sweep(self, known: Collection[str], *, older_than: datetime) -> int:
        """Remove what no row knows, see Store; files of other names are not ours and stay."""
        kept, before = frozenset(known), older_than.timestamp()
        with _disk():
            return sum(_clear(shelf, kept, before) for shelf in self.folder.glob("[0-9a-f][0-9a-f]"))


def _clear(shelf: Path, known: frozenset[str], before: float) -> int:
    with _alone_in(shelf):
        stale = [
            path
            for path in shelf.iterdir()
            if path.name not in known
            and (NAME.fullmatch(path.name) or HALF_WRITTEN.fullmatch(path.name))
            and path.lstat().st_mtime < before
        ]
        for path in stale:
            path.unlink()
    return len(stale)


def _holds(target: Path, data: bytes) -> bool:
    """Tell whether a file holds these bytes; one that cannot be read does not."""
    try:
        return target.stat().st_size == len(data) and target.read_bytes() == data
    except OSError:
        return False


def _write_whole(target: Path, data: bytes) -> None:
    """Let a file appear with all its bytes on the disk; what fails half-way leaves nothing."""
    handle, name = mkstemp(dir=target.parent, prefix=".")
    temporary = Path(name)
    try:
        with open(handle, "wb") as written:  # noqa: PTH123 - a Path cannot open a handle
            written.write(data)
            written.flush()
            os.fsync(written.fileno())
        temporary.replace(target)
    except BaseException:
        with suppress(OSError):  # what cannot be removed now is swept later
            temporary.unlink()
        raise


@contextmanager
def _alone_in(folder: Path) -> Iterator[int]:
    """Give a folder's handle, locked: between the look and the deed of one nobody else acts there."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield handle
    finally:
        os.close(handle)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _disk() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _unavailable(error) from error


def _unavailable(error: OSError) -> StoreUnavailable:
    return StoreUnavailable(errno.errorcode.get(error.errno or 0, type(error).__name__))


def _verified(data: bytes, sha256: str) -> bytes:
    if hashlib.sha256(data).hexdigest() != sha256:
        raise Damaged(sha256)
    return data


class S3Store:
    """A bucket of an S3-compatible service: ``prefix/ab/abcd…``, by one PUT each, so never half."""

    def __init__(self, bucket: Bucket, *, fresh: timedelta = FRESH) -> None:
        self.bucket = bucket
        self.fresh = fresh
        self.client = _client(bucket)

    def key(self, sha256: str) -> str:
        """Give the name of an object."""
        return "/".join(filter(None, (self.bucket.prefix, sha256[:2], sha256)))

    def put(self, data: bytes) -> tuple[str, int]:
        """Keep bytes, see Store; an object that is not fresh is uploaded anew, so that no sweep takes it."""
        sha256 = hashlib.sha256(data).hexdigest()
        if not self._lies_fresh(sha256, len(data)):
            with _service("PutObject"):
                self.client.put_object(Bucket=self.bucket.name, Key=self.key(sha256), Body=data)
            if not self.has(sha256, len(data)):  # whatever answered there was no such service
                raise StoreUnavailable("PutObject: NotThere")
        return sha256, len(data)

    def get(self, sha256: str) -> bytes:
        """Give bytes, see Store."""
        with _service("GetObject", missing="NoSuchKey"):
            found = self.client.get_object(Bucket=self.bucket.name, Key=self.key(sha256))
            with found["Body"] as body:
                data: bytes = body.read()
        return _verified(data, sha256)

    def has(self, sha256: str, size: int | None = None) -> bool:
        """Tell whether an object is there, see Store."""
        found = self._head(sha256)
        return found is not None and size in {None, found.get("ContentLength")}

    def sweep(self, known: Collection[str], *, older_than: datetime) -> int:
        """Remove what no row knows, see Store; objects of other names are not ours and stay."""
        kept = frozenset(known)
        return sum(
            self._remove(name, older_than)
            for name, written in self._listed()
            if name not in kept and written < older_than
        )

    def _remove(self, sha256: str, older_than: datetime) -> bool:
        """Remove an object unless it was put again since it was listed."""
        found = self._head(sha256)
        if found is None or found["LastModified"] >= older_than:
            return False
        with _service("DeleteObject"):
            self.client.delete_object(Bucket=self.bucket.name, Key=self.key(sha256))
        return True

    def _listed(self) -> Iterator[tuple[str, datetime]]:
        """Give the SHA-256 of each object of ours, and when it was written."""
        prefix = f"{self.bucket.prefix}/" if self.bucket.prefix else ""
        with _service("ListObjectsV2"):
            pages = self.client.get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=self.bucket.name, Prefix=prefix):
                for found in page.get("Contents", ()):
                    name = found["Key"].rpartition("/")[2]
                    if NAME.fullmatch(name) and found["Key"] == self.key(name):
                        yield name, found["LastModified"]

    def _lies_fresh(self, sha256: str, size: int) -> bool:
        """Tell whether an object is there whole and young, by the clock of the service itself."""
        found = self._head(sha256)
        if found is None or found.get("ContentLength") != size or "LastModified" not in found:
            return False
        now = found["ResponseMetadata"]["HTTPHeaders"].get("date")
        return now is not None and parsedate_to_datetime(now) - found["LastModified"] < self.fresh

    def _head(self, sha256: str) -> dict[str, Any] | None:
        with suppress(FileNotFoundError), _service("HeadObject", missing="404"):
            found: dict[str, Any] = self.client.head_object(Bucket=self.bucket.name, Key=self.key(sha256))
            return found
        return None


def _client(bucket: Bucket) -> Any:
    """Make a client of the service; nothing is asked yet. Its library takes half a second to import."""
    from boto3.session import Session
    from botocore.config import Config

    return Session().client(
        "s3",
        endpoint_url=bucket.endpoint,
        region_name=bucket.region,
        aws_access_key_id=bucket.key,
        aws_secret_access_key=bucket.secret.get_secret_value(),
        config=Config(
            signature_version="s3v4",
            connect_timeout=CONNECT_WITHIN,
            read_timeout=READ_WITHIN,
            retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
            # the SHA-256 of the body goes into the signature, which every such service verifies; the newer
            # checksum headers not all of them know
            s3={"addressing_style": "path", "payload_signing_enabled": True},
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    )


@contextmanager
def _service(deed: str, *, missing: str = "") -> Iterator[None]:
    """Turn errors of the service and of the network into ours; their own texts are not kept."""
    from botocore.exceptions import BotoCoreError, ClientError
    from botocore.parsers import ResponseParserError
    from urllib3.exceptions import HTTPError

    try:
        yield
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", "unknown"))
        if code == missing:
            raise FileNotFoundError(deed) from None
        raise StoreUnavailable(f"{deed}: {code}") from None
    except (BotoCoreError, ResponseParserError, HTTPError, OSError) as error:
        raise StoreUnavailable(f"{deed}: {type(error).__name__}") from None
