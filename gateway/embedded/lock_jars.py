"""Renews the pinned list of Apache Kafka's jars: `python -m gateway.embedded.lock_jars VERSION`.

Needs Maven. Read the difference before you commit it: the list is what every laptop will trust.
"""

import hashlib
import re
import sys
import tempfile
from pathlib import Path

from gateway.embedded.failure import EngineError
from gateway.embedded.jars import KAFKA, LOCK, PLUGIN
from gateway.embedded.programs import run_once

BRIDGE = ("org.apache.logging.log4j", "log4j-slf4j-impl")
HEADER = """\
# Apache Kafka for a laptop: every jar of Maven Central with its sha256 and size in bytes.
# Made by `python -m gateway.embedded.lock_jars VERSION`.
"""
RESOLVED = re.compile(r"^\s+(?P<group>[\w.\-]+):(?P<artifact>[\w.\-]+):jar:(?P<version>[\w.\-]+):")


def lock(version: str) -> str:
    """Return the text of the list for a version of Apache Kafka."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        broker = _dependency(*KAFKA, version)
        _resolve(folder, broker)
        # The broker does not bring the bridge to its logger; it has the version of that logger.
        bridge = _dependency(*BRIDGE, _find(folder, "log4j-core"))
        _resolve(folder, broker + bridge)
        return HEADER + "".join(sorted(_line(folder, match) for match in _resolved(folder)))


def _dependency(group: str, artifact: str, version: str) -> str:
    return (
        f"<dependency><groupId>{group}</groupId><artifactId>{artifact}</artifactId>"
        f"<version>{version}</version></dependency>"
    )


def _resolve(folder: Path, dependencies: str) -> None:
    (folder / "pom.xml").write_text(
        "<project><modelVersion>4.0.0</modelVersion>"
        "<groupId>deelregie</groupId><artifactId>kafka</artifactId><version>1</version>"
        f"<packaging>pom</packaging><dependencies>{dependencies}</dependencies></project>",
        encoding="utf-8",
    )
    list_them = (f"{PLUGIN}:list", f"-DoutputFile={folder / 'list.txt'}", "-DincludeScope=runtime")
    copy_them = (f"{PLUGIN}:copy-dependencies", f"-DoutputDirectory={folder / 'jars'}")
    for goal in (list_them, copy_them):
        done = run_once(["mvn", "-B", "-q", *goal], folder=folder, seconds=600.0)
        if done.code != 0:
            raise EngineError(f"Maven cannot resolve Apache Kafka: {done.complaint}")


def _resolved(folder: Path) -> list[re.Match[str]]:
    lines = (folder / "list.txt").read_text(encoding="utf-8").splitlines()
    return [match for line in lines if (match := RESOLVED.match(line))]


def _find(folder: Path, artifact: str) -> str:
    return next(match["version"] for match in _resolved(folder) if match["artifact"] == artifact)


def _line(folder: Path, match: re.Match[str]) -> str:
    file = folder / "jars" / f"{match['artifact']}-{match['version']}.jar"
    content = file.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    return f"{match['group']}:{match['artifact']}:{match['version']} {digest} {len(content)}\n"


if __name__ == "__main__":
    Path(__file__).with_name(LOCK).write_text(lock(sys.argv[1]), encoding="utf-8")
