"""Apache Kafka's jars: a locked list, fetched once through Maven or from a given repository."""

import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import httpx

from gateway.embedded.failure import EngineError
from gateway.embedded.steps import Advance, Steps

LOCK = "kafka-jars.lock"
KAFKA = ("org.apache.kafka", "kafka_2.13")
PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1"
# Maven Central or a mirror of it, for a machine without Maven.
REPOSITORY = "MAVEN_REPOSITORY_URL"
LOOPBACK_BASES = ("http://127.0.0.1:", "http://localhost:")


@dataclass(frozen=True, slots=True, kw_only=True)
class Jar:
    """One pinned file of Maven Central."""

    group: str
    artifact: str
    version: str
    sha256: str
    size: int

    @property
    def file(self) -> str:
        """The file's name, as Maven gives it."""
        return f"{self.artifact}-{self.version}.jar"

    @property
    def path(self) -> str:
        """The file's place in any Maven repository."""
        return f"{self.group.replace('.', '/')}/{self.artifact}/{self.version}/{self.file}"


def locked_jars() -> tuple[Jar, ...]:
    """Read the pinned list."""
    text = resources.files("gateway.embedded").joinpath(LOCK).read_text(encoding="utf-8")
    return tuple(_jar(line) for line in text.splitlines() if line and not line.startswith("#"))


def kafka_version(jars: Iterable[Jar]) -> str:
    """Return the broker's version in a list of jars."""
    return next(jar.version for jar in jars if (jar.group, jar.artifact) == KAFKA)


def cache_folder() -> Path:
    """Return where downloads of this user are kept."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "deelregie"


def kafka_jars(steps: Steps, *, cache: Path | None = None) -> Path:
    """Return the folder with the broker's jars, fetching them once; each is checked by sha256."""
    jars = locked_jars()
    folder = (cache or cache_folder()) / f"kafka-{kafka_version(jars)}"
    if _unsound(folder, jars) is None:
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".kafka-") as scratch:
        fetched = Path(scratch) / "jars"
        fetched.mkdir()
        _fetch(jars, fetched, steps)
        _publish(fetched, folder, jars)
    return folder


def _jar(line: str) -> Jar:
    coordinates, sha256, size = line.split()
    group, artifact, version = coordinates.split(":")
    return Jar(group=group, artifact=artifact, version=version, sha256=sha256, size=int(size))


def _unsound(folder: Path, jars: Iterable[Jar]) -> str | None:
    for jar in jars:
        file = folder / jar.file
        if not file.exists():
            return f"{jar.file} is missing"
        if hashlib.sha256(file.read_bytes()).hexdigest() != jar.sha256:
            return f"{jar.file} is not the file that was pinned"
    return None


def _publish(fetched: Path, folder: Path, jars: Iterable[Jar]) -> None:
    fault = _unsound(fetched, jars)
    if fault is not None:
        raise EngineError(f"the download of Apache Kafka cannot be trusted: {fault}; try again")
    # Somebody else may have finished the same download first; theirs was checked as ours is.
    if _unsound(folder, jars) is not None:
        shutil.rmtree(folder, ignore_errors=True)
        fetched.rename(folder)


def _fetch(jars: tuple[Jar, ...], target: Path, steps: Steps) -> None:
    maven, base = shutil.which("mvn"), os.environ.get(REPOSITORY)
    if maven is None and not base:
        raise EngineError(
            "Apache Kafka's files come from Maven Central: install Maven (package `maven`) or set "
            f"{REPOSITORY} to the address of Maven Central or a mirror; or use --kafka tansu"
        )
    version, total = kafka_version(jars), sum(jar.size for jar in jars)
    with steps.download(f"Apache Kafka {version}, once", total) as advance:
        if base:
            _fetch_directly(jars, target, base.rstrip("/"), advance)
        else:
            _fetch_with_maven(str(maven), jars, target, advance)


def _fetch_directly(jars: Iterable[Jar], target: Path, base: str, advance: Advance) -> None:
    if not base.startswith(("https://", *LOOPBACK_BASES)):
        raise EngineError(f"{REPOSITORY} must be an https address")
    with httpx.Client(timeout=60, follow_redirects=True) as client:
        for jar in jars:
            _stream(client, f"{base}/{jar.path}", target / jar.file, advance)


def _stream(client: httpx.Client, url: str, file: Path, advance: Advance) -> None:
    try:
        with client.stream("GET", url) as answer, file.open("wb") as out:
            answer.raise_for_status()
            for block in answer.iter_bytes():
                out.write(block)
                advance(len(block))
    except httpx.HTTPError as fault:
        reason = type(fault).__name__
        raise EngineError(f"cannot fetch {file.name} from {REPOSITORY}: {reason}") from fault


def _fetch_with_maven(maven: str, jars: tuple[Jar, ...], target: Path, advance: Advance) -> None:
    pom = target.parent / "pom.xml"
    pom.write_text(_pom(jars), encoding="utf-8")
    goal = (f"{PLUGIN}:copy-dependencies", f"-DoutputDirectory={target}")
    with subprocess.Popen(  # noqa: S603 - as in programs.py
        [maven, "-B", "-f", str(pom), *goal],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as run:
        told = _follow(run.stdout or (), jars, advance)
    if run.returncode != 0:
        raise EngineError(f"Maven cannot fetch Apache Kafka: {told or 'no reason given'}")


def _follow(output: Iterable[str], jars: Iterable[Jar], advance: Advance) -> str:
    """Advance with Maven's own account and return its first complaint."""
    sizes = {jar.file: jar.size for jar in jars}
    complaint = ""
    for line in output:
        name = line.partition(" (")[0].strip().rpartition("/")[2]
        if "Downloaded" in line:
            advance(sizes.pop(name, 0))
        if line.startswith("[ERROR]") and not complaint:
            complaint = line.removeprefix("[ERROR]").strip()
    # What Maven had already is as good as downloaded.
    advance(sum(sizes.values()))
    return complaint


def _pom(jars: Iterable[Jar]) -> str:
    wanted = "".join(_dependency(jar) for jar in jars)
    return (
        "<project><modelVersion>4.0.0</modelVersion>"
        "<groupId>deelregie</groupId><artifactId>kafka</artifactId><version>1</version>"
        f"<packaging>pom</packaging><dependencies>{wanted}</dependencies></project>\n"
    )


def _dependency(jar: Jar) -> str:
    # The list is complete, so nothing that Maven would add on its own is wanted.
    return (
        f"<dependency><groupId>{jar.group}</groupId><artifactId>{jar.artifact}</artifactId>"
        f"<version>{jar.version}</version><exclusions><exclusion><groupId>*</groupId>"
        "<artifactId>*</artifactId></exclusion></exclusions></dependency>"
    )
