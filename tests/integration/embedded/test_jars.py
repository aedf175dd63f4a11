import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from gateway.embedded import jars, java
from gateway.embedded.failure import EngineError
from gateway.embedded.jars import Jar, kafka_jars, kafka_version, locked_jars
from gateway.embedded.steps import SilentSteps

CONTENT = b"a jar"


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        pass


@contextmanager
def repository(folder: Path) -> Iterator[str]:
    """Serve a folder as a Maven repository on this machine."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietHandler, directory=str(folder)))
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def a_jar(content: bytes = CONTENT) -> Jar:
    digest = hashlib.sha256(content).hexdigest()
    return Jar(
        group="org.apache.kafka",
        artifact="kafka_2.13",
        version="4.9.9",
        sha256=digest,
        size=len(content),
    )


@pytest.fixture
def published(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Pin one jar and publish it in a repository of this machine."""
    place = folder / "repository" / a_jar().path
    place.parent.mkdir(parents=True)
    place.write_bytes(CONTENT)
    monkeypatch.setattr(jars, "locked_jars", lambda: (a_jar(),))
    with repository(folder / "repository") as address:
        monkeypatch.setenv(jars.REPOSITORY, address)
        yield place


def test_the_pinned_list_is_complete_and_of_apache_kafka_4() -> None:
    pinned = locked_jars()
    assert kafka_version(pinned).startswith("4.")
    assert len({jar.file for jar in pinned}) == len(pinned)
    assert all(len(jar.sha256) == 64 for jar in pinned)
    assert "log4j-slf4j-impl" in {jar.artifact for jar in pinned}


def test_jars_are_fetched_once_and_checked(folder: Path, published: Path) -> None:
    fetched = kafka_jars(SilentSteps(), cache=folder / "cache")
    assert (fetched / a_jar().file).read_bytes() == CONTENT
    published.unlink()
    assert kafka_jars(SilentSteps(), cache=folder / "cache") == fetched


def test_a_jar_that_was_changed_in_the_cache_is_fetched_again(
    folder: Path, published: Path
) -> None:
    fetched = kafka_jars(SilentSteps(), cache=folder / "cache")
    (fetched / a_jar().file).write_bytes(b"something else")
    assert kafka_jars(SilentSteps(), cache=folder / "cache") == fetched
    assert (fetched / a_jar().file).read_bytes() == CONTENT


def test_a_jar_that_is_not_the_pinned_one_is_refused_and_not_kept(
    folder: Path, published: Path
) -> None:
    published.write_bytes(b"evil")
    with pytest.raises(EngineError, match=r"cannot be trusted: kafka_2.13-4.9.9.jar"):
        kafka_jars(SilentSteps(), cache=folder / "cache")
    assert list((folder / "cache").iterdir()) == []


def test_a_repository_without_the_jar_is_told(folder: Path, published: Path) -> None:
    published.unlink()
    with pytest.raises(EngineError, match=r"cannot fetch kafka_2.13-4.9.9.jar from MAVEN_REPO"):
        kafka_jars(SilentSteps(), cache=folder / "cache")


def test_a_repository_over_plain_http_is_refused(
    folder: Path, published: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(jars.REPOSITORY, "http://repository.invalid")
    with pytest.raises(EngineError, match="must be an https address"):
        kafka_jars(SilentSteps(), cache=folder / "cache")


def test_without_maven_or_repository_the_remedy_is_told(
    folder: Path, published: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(jars.REPOSITORY)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(EngineError, match=r"install Maven.*MAVEN_REPOSITORY_URL.*--kafka tansu"):
        kafka_jars(SilentSteps(), cache=folder / "cache")


@pytest.mark.apache
def test_maven_fetches_exactly_the_pinned_jars(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(jars.REPOSITORY, raising=False)
    fetched = kafka_jars(SilentSteps(), cache=folder / "cache")
    assert {file.name for file in fetched.iterdir()} == {jar.file for jar in locked_jars()}


def test_java_is_found_or_its_remedy_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(java, "_candidates", list)
    with pytest.raises(EngineError, match=r"openjdk-17-jre-headless.*--kafka tansu"):
        java.find_java()
    assert java.java_version(Path("/nonexistent/java")) == 0


@pytest.mark.apache
def test_this_machine_has_a_java_for_apache_kafka() -> None:
    assert java.java_version(java.find_java()) >= java.OLDEST
