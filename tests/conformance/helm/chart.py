"""Renders the chart with the real helm, so that the tests read what a cluster would get."""

import json
import os
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tests.support.helm import find_helm

Manifest = dict[str, Any]

ROOT = Path(__file__).parents[3]
CHART = ROOT / "deploy" / "helm" / "deelregie"
VALUES = Path(__file__).parent / "values"
MATRIX = ("minimal", "full", "ha", "ingress", "httproute", "no-network-policy")
GATEWAY_API = "gateway.networking.k8s.io/v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What one call of helm said."""

    ok: bool
    out: str
    err: str


def helm(*words: str | Path) -> Answer:
    """Call helm without any of the caller's own clusters, plugins or repositories."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HELM")}
    done = subprocess.run(
        [find_helm(), *words],
        capture_output=True,
        text=True,
        timeout=60,
        env=environment | {"KUBECONFIG": os.devnull},
        check=False,
    )
    return Answer(ok=done.returncode == 0, out=done.stdout, err=done.stderr)


def lint(case: str) -> Answer:
    """Lint the chart with the values of one case of the matrix."""
    return helm("lint", "--strict", CHART, "--values", VALUES / f"{case}.yaml")


def template(case: str, *options: str) -> Answer:
    """Render the chart with the values of one case of the matrix."""
    return helm(
        "template",
        "hub",
        CHART,
        "--namespace",
        "zorg",
        "--values",
        VALUES / f"{case}.yaml",
        *options,
    )


@cache
def rendered(case: str) -> tuple[Manifest, ...]:
    """Return every manifest of one case."""
    answer = template(case, "--api-versions", GATEWAY_API)
    if not answer.ok:
        raise AssertionError(f"helm template fails for the case {case}: {answer.err}")
    return tuple(found for found in yaml.safe_load_all(answer.out) if found)


def of_kind(manifests: Iterable[Manifest], kind: str) -> list[Manifest]:
    """Return the manifests of one kind."""
    return [manifest for manifest in manifests if manifest["kind"] == kind]


def component(manifest: Manifest) -> str:
    """Return which part of the hub a manifest belongs to."""
    return str(manifest["metadata"]["labels"]["app.kubernetes.io/component"])


def pods(manifests: Iterable[Manifest]) -> Iterator[tuple[str, Manifest]]:
    """Yield the name and the specification of every pod that would run."""
    for manifest in manifests:
        name = f"{manifest['kind']}/{manifest['metadata']['name']}"
        if manifest["kind"] in {"Deployment", "Job"}:
            yield name, manifest["spec"]["template"]["spec"]
        if manifest["kind"] == "Pod":
            yield name, manifest["spec"]


def schema() -> Manifest:
    """Return the schema of the values."""
    found: Manifest = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))
    return found


def defaults() -> Manifest:
    """Return the default values."""
    found: Manifest = yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8"))
    return found
