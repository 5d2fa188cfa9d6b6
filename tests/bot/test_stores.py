"""Stores: bytes lie whole under their own name or not at all, in a folder and in an S3 service."""

import hashlib
import os
import re
import select
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from pydantic import SecretStr

from bot.settings import Bucket, load_settings
from bot.stores import Damaged, FolderStore, S3Store, StoreUnavailable, open_store

PHOTO = b"\xff\xd8 photo"
SHA256 = hashlib.sha256(PHOTO).hexdigest()
LONG_AGO, FAR_AHEAD = datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
REGION = "ru-central1"
SECRET = "wrong-secret-of-the-store"


@dataclass(frozen=True)
class Service:
    """An S3 server on this machine, and a client that makes buckets there."""

    endpoint: str
    client: Any

    def bucket(self, name: str, prefix: str = "roadmap/files") -> Bucket:
        self.client.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
        return Bucket(self.endpoint, REGION, name, prefix, "key", SecretStr("secret"))


def asking(service: str, endpoint: str) -> Any:
    keys = {"aws_access_key_id": "key", "aws_secret_access_key": "secret"}
    return boto3.client(service, endpoint_url=endpoint, region_name=REGION, **keys)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    said = tmp_path_factory.mktemp("s3") / "said"
    environment = os.environ | {"MOTO_S3_DEFAULT_MAX_KEYS": "3"}  # so that every list has pages
    with said.open("w") as out:
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", "0"]
        server = subprocess.Popen(command, stdout=out, stderr=out, env=environment)
    try:
        endpoint = _address(server, said)
        yield Service(endpoint, asking("s3", endpoint))
    finally:
        server.kill()
        server.wait()


def _address(server: subprocess.Popen[bytes], said: Path) -> str:
    for _ in range(600):
        if found := re.search(r"http://127\.0\.0\.1:\d+", said.read_text()):
            return found[0]
        assert server.poll() is None, said.read_text()
        time.sleep(0.05)
    pytest.fail(said.read_text())


@pytest.fixture
def bucket(service: Service, request: pytest.FixtureRequest) -> Bucket:
    return service.bucket("b" + hashlib.sha256(request.node.name.encode()).hexdigest()[:20])


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> FolderStore | S3Store:
    if request.param == "folder":
        return FolderStore(tmp_path / "files")
    return S3Store(request.getfixturevalue("bucket"))


def spoil(store: FolderStore | S3Store, sha256: str, data: bytes) -> None:
    if isinstance(store, FolderStore):
        store.path(sha256).write_bytes(data)
    else:
        store.client.put_object(Bucket=store.bucket.name, Key=store.key(sha256), Body=data)


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def objects(store: S3Store) -> list[str]:
    pages = store.client.get_paginator("list_objects_v2").paginate(Bucket=store.bucket.name)
    return [found["Key"] for page in pages for found in page.get("Contents", ())]


@pytest.mark.parametrize("data", [PHOTO, b"", os.urandom(3_000_000)], ids=["photo", "empty", "large"])
def test_bytes_lie_under_their_own_name(store: FolderStore | S3Store, data: bytes) -> None:
    sha256, size = store.put(data)
    assert (sha256, size) == (hashlib.sha256(data).hexdigest(), len(data))
    assert store.get(sha256) == data
    assert store.has(sha256)
    assert store.has(sha256, size)
    assert not store.has(sha256, size + 1)


def test_what_was_never_put_is_not_there(store: FolderStore | S3Store) -> None:
    assert not store.has(SHA256)
    with pytest.raises(FileNotFoundError):
        store.get(SHA256)


def test_damage_is_told_and_the_same_bytes_heal_it(store: FolderStore | S3Store) -> None:
    store.put(PHOTO)
    spoil(store, SHA256, PHOTO[:3])
    assert not store.has(SHA256, len(PHOTO))
    with pytest.raises(Damaged):
        store.get(SHA256)
    store.put(PHOTO)
    assert store.get(SHA256) == PHOTO


def test_a_sweep_takes_what_no_row_knows_but_never_what_is_known_or_fresh(
    store: FolderStore | S3Store,
) -> None:
    names = [store.put(f"photo {number}".encode())[0] for number in range(10)]
    known = names[:4]
    assert store.sweep(known, older_than=LONG_AGO) == 0
    assert store.sweep(known, older_than=FAR_AHEAD) == 6
    assert [name for name in names if store.has(name)] == known
    assert store.sweep(known, older_than=FAR_AHEAD) == 0


def test_a_sweep_before_the_first_file_finds_nothing(store: FolderStore | S3Store) -> None:
    assert store.sweep([], older_than=FAR_AHEAD) == 0


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value


def uploads(store: S3Store) -> list[dict[str, str]]:
    """Give a list that fills with the headers of each upload."""
    seen = list[dict[str, str]]()

    def noted(request: Any, **_: object) -> None:
        seen.append({name.lower(): _text(value) for name, value in request.headers.items()})

    store.client.meta.events.register("before-send.s3.PutObject", noted)
    return seen


@pytest.mark.parametrize(("prefix", "before"), [("roadmap/files", "roadmap/files/"), ("", "")])
def test_an_object_is_named_by_prefix_and_sha256(service: Service, prefix: str, before: str) -> None:
    store = S3Store(service.bucket(f"named-{len(prefix)}", prefix))
    store.put(PHOTO)
    assert objects(store) == [f"{before}{SHA256[:2]}/{SHA256}"]


def test_a_sweep_of_a_bucket_leaves_what_is_not_ours(bucket: Bucket) -> None:
    store = S3Store(bucket)
    store.put(PHOTO)
    foreign = [f"backup/{SHA256[:2]}/{SHA256}", "roadmap/files/notes.txt", f"roadmap/files/{SHA256}"]
    for key in foreign:
        store.client.put_object(Bucket=bucket.name, Key=key, Body=PHOTO)
    assert store.sweep([], older_than=FAR_AHEAD) == 1
    assert objects(store) == sorted(foreign)


def test_an_object_put_again_since_it_was_listed_is_not_swept(bucket: Bucket) -> None:
    store = S3Store(bucket)
    store.put(PHOTO)
    assert store._remove(SHA256, LONG_AGO) is False
    assert store.has(SHA256)


def test_a_fresh_object_is_not_uploaded_twice_and_an_old_one_is_made_fresh(bucket: Bucket) -> None:
    store = S3Store(bucket)
    seen = uploads(store)
    assert store.put(PHOTO) == store.put(PHOTO)
    assert len(seen) == 1
    store.fresh = timedelta(0)  # as if an hour had passed
    store.put(PHOTO)
    assert len(seen) == 2


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def test_the_service_is_told_the_sha256_of_what_it_must_have_got(bucket: Bucket) -> None:
    store = S3Store(bucket)
    seen = uploads(store)
    store.put(PHOTO)
    assert [headers["x-amz-content-sha256"] for headers in seen] == [SHA256]


def test_the_sha256_is_told_under_tls_as_well(bucket: Bucket) -> None:
    store = S3Store(replace(bucket, endpoint=f"https://127.0.0.1:{closed_port()}"))
    seen = uploads(store)
    with pytest.raises(EndpointConnectionError):
        store.client.put_object(Bucket=bucket.name, Key=store.key(SHA256), Body=PHOTO)
    assert {headers["x-amz-content-sha256"] for headers in seen} == {SHA256}


def everything(store: S3Store) -> list[Callable[[], object]]:
    return [
        lambda: store.put(PHOTO),
        lambda: store.get(SHA256),
        lambda: store.has(SHA256),
        lambda: store.sweep([], older_than=FAR_AHEAD),
    ]


def test_a_service_that_is_down_is_unavailable(bucket: Bucket) -> None:
    store = S3Store(replace(bucket, endpoint=f"http://127.0.0.1:{closed_port()}"))
    for deed in everything(store):
        with pytest.raises(StoreUnavailable, match="EndpointConnectionError"):
            deed()


def waiting(server: socket.socket) -> Iterator[None]:
    """Take the connections that wait, one by one."""
    while select.select([server], [], [], 0)[0]:
        server.accept()[0].close()
        yield


def test_a_service_that_hangs_is_tried_three_times_and_left(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.stores.READ_WITHIN", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as server:
        store = S3Store(replace(bucket, endpoint=f"http://127.0.0.1:{server.getsockname()[1]}"))
        with pytest.raises(StoreUnavailable, match="HeadObject: ReadTimeoutError"):
            store.put(PHOTO)
        assert len(list(waiting(server))) == 3


def test_a_bucket_that_is_not_there_is_unavailable_and_not_empty(bucket: Bucket) -> None:
    store = S3Store(replace(bucket, name="nowhere"))
    with pytest.raises(StoreUnavailable, match="NoSuchBucket"):
        store.put(PHOTO)
    with pytest.raises(StoreUnavailable, match="NoSuchBucket"):
        store.get(SHA256)
    with pytest.raises(StoreUnavailable, match="NoSuchBucket"):
        store.sweep([], older_than=FAR_AHEAD)


@pytest.fixture
def guarded(service: Service, bucket: Bucket) -> Iterator[Bucket]:
    """Give a bucket with good keys, of a service that asks for them."""
    iam = asking("iam", service.endpoint)
    iam.create_user(UserName=bucket.name)
    everything = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}'
    iam.put_user_policy(UserName=bucket.name, PolicyName="all", PolicyDocument=everything)
    made = iam.create_access_key(UserName=bucket.name)["AccessKey"]
    ask_for_keys(service, after="0")
    yield replace(bucket, key=made["AccessKeyId"], secret=SecretStr(made["SecretAccessKey"]))
    ask_for_keys(service, after="inf")


def ask_for_keys(service: Service, *, after: str) -> None:
    """Let the server look at keys after so many calls."""
    url, kind = f"{service.endpoint}/moto-api/reset-auth", {"Content-Type": "text/plain"}
    urllib.request.urlopen(urllib.request.Request(url, after.encode(), kind)).close()


def test_good_keys_open_and_wrong_ones_are_unavailable_with_no_secret_told(guarded: Bucket) -> None:
    S3Store(guarded).put(PHOTO)
    for wrong in (replace(guarded, secret=SecretStr(SECRET)), replace(guarded, key="stranger")):
        store = S3Store(wrong)
        for deed in everything(store):
            with pytest.raises(StoreUnavailable) as unavailable:
                deed()
            told = f"{unavailable.value!r} {unavailable.value.__cause__!r}"
            assert re.search("403|SignatureDoesNotMatch|InvalidAccessKeyId", told)
            assert wrong.secret.get_secret_value() not in told
            assert wrong.key not in told
    assert SECRET not in repr(replace(guarded, secret=SecretStr(SECRET)))


class Page(BaseHTTPRequestHandler):
    """A web server that is no S3 service: it takes whatever comes and shows a page."""

    missing: ClassVar[int] = 0

    def show(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", "0")))
        page = b"<html><p>Welcome</html>" if self.command == "GET" else b""
        self.send_response(200)
        self.send_header("Content-Length", str(len(page) + self.missing))
        self.end_headers()
        self.wfile.write(page)

    do_GET = do_HEAD = do_PUT = show  # noqa: N815 - named by the library

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class CutOff(Page):
    """A server whose answers end before they are whole."""

    missing = 1000


@pytest.fixture(params=[Page, CutOff])
def stranger(request: pytest.FixtureRequest, bucket: Bucket) -> Iterator[S3Store]:
    with ThreadingHTTPServer(("127.0.0.1", 0), request.param) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield S3Store(replace(bucket, endpoint=f"http://127.0.0.1:{server.server_port}"))
        server.shutdown()
        thread.join()


def test_a_stranger_who_says_yes_to_everything_has_kept_nothing(stranger: S3Store) -> None:
    with pytest.raises(StoreUnavailable, match="PutObject"):
        stranger.put(PHOTO)
    with pytest.raises((StoreUnavailable, Damaged)):
        stranger.get(SHA256)
    with pytest.raises(StoreUnavailable):
        stranger.sweep([], older_than=FAR_AHEAD)


def test_the_settings_say_where_bytes_lie(service: Service, tmp_path: Path) -> None:
    folder = open_store(load_settings(data_dir=tmp_path, files_url=None))
    assert isinstance(folder, FolderStore)
    assert folder.folder == tmp_path / "files"
    service.bucket("from-settings")
    address = service.endpoint.replace("http://", "s3+http://key:se%2Fcret@") + "/from-settings/kept"
    bucket = open_store(load_settings(data_dir=tmp_path, files_url=address))
    bucket.put(PHOTO)
    assert isinstance(bucket, S3Store)
    assert objects(bucket) == [f"kept/{SHA256[:2]}/{SHA256}"]
    assert files(tmp_path) == []


def test_who_keeps_files_in_a_folder_never_waits_for_the_library_of_the_other() -> None:
    asked = (
        "import sys; from bot.settings import load_settings; from bot.stores import open_store;"
        "open_store(load_settings(files_url=None)); print({'boto3', 'botocore'} & set(sys.modules))"
    )
    said = subprocess.run([sys.executable, "-c", asked], check=True, capture_output=True, text=True)
    assert said.stdout == "set()\n"
