"""The values: what is wrong is refused, what is there is documented, and nothing else exists."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conformance.helm.chart import CHART, Manifest, defaults, schema, template

DIALECT = "https://json-schema.org/draft/2020-12/schema"
# Given for free by helm or passed through unread to Kubernetes, which checks them itself.
OPEN = {"properties/global", "nodeAffinity", "podAffinity", "podAntiAffinity"}
WRONG = (
    ("settings.isuer=https://hub.example", "isuer"),
    ("unknown=1", "unknown"),
    ("settings.issuer=http://hub.example", "issuer"),
    ("settings.environment=test", "environment"),
    ("settings.allowTestNumbers=true", "allowTestNumbers"),
    ("settings.loopbackWebhooks=true", "loopbackWebhooks"),
    ("settings.accessTokenSeconds=3600", "accessTokenSeconds"),
    ("settings.maxBodyBytes=0", "maxBodyBytes"),
    ("settings.kafkaBootstrap=kafka", "kafkaBootstrap"),
    ("settings.logLevel=TRACE", "logLevel"),
    ("image.tag=latest", "tag"),
    ("image.digest=0123", "digest"),
    ("secrets.existingSecret=", "existingSecret"),
    ("secrets.databaseUrl=postgresql://hub:secret@db/hub", "databaseUrl"),
    ("api.replicas=0", "replicas"),
    ("api.replicas=two", "replicas"),
    ("service.type=ExternalName", "type"),
    ("ingress.enabled=true", "tlsSecret"),
    ("httpRoute.enabled=true", "parentRefs"),
    ("podLabels.app\\.kubernetes\\.io/component=relay", "app.kubernetes.io/component"),
)


@pytest.mark.parametrize(("assignment", "named"), WRONG)
def test_wrong_value_is_refused_and_named(assignment: str, named: str) -> None:
    answer = template("minimal", "--set", assignment)
    assert not answer.ok
    assert named in answer.err


@pytest.mark.parametrize("peer", ["dns", "postgres", "kafka", "oidc"])
def test_an_empty_list_of_peers_is_refused_because_it_means_everybody(peer: str) -> None:
    answer = template("minimal", "--set-json", f"networkPolicy.egress.{peer}.to=[]")
    assert not answer.ok
    assert f"/networkPolicy/egress/{peer}/to" in answer.err


@pytest.mark.parametrize("value", ["image.repository", "settings.issuer", "secrets.existingSecret"])
def test_missing_required_value_is_refused_and_named(value: str) -> None:
    answer = template("minimal", "--set", f"{value}=")
    assert not answer.ok
    assert value.rpartition(".")[2] in answer.err


def objects(node: Any, path: str = "") -> Iterator[tuple[str, Manifest]]:
    """Yield every part of a schema that describes an object, with its place."""
    if isinstance(node, dict):
        if node.get("type") == "object":
            yield path, node
        for key, child in node.items():
            yield from objects(child, f"{path}/{key}")
    if isinstance(node, list):
        for position, child in enumerate(node):
            yield from objects(child, f"{path}/{position}")


def open_objects(document: Manifest) -> list[str]:
    """Name the objects that would let an unknown, untyped name through."""
    return [
        path or "/"
        for path, node in objects(document)
        if node.get("additionalProperties", True) is True
        and not any(path.endswith(known) for known in OPEN)
    ]


def test_schema_lets_no_unknown_name_through() -> None:
    assert schema()["$schema"] == DIALECT
    assert open_objects(schema()) == []


def test_an_open_object_would_be_found() -> None:
    assert open_objects({"type": "object", "properties": {"a": {"type": "string"}}}) == ["/"]


def leaves(described: Manifest, values: Any, path: str = "") -> Iterator[tuple[str, Manifest, Any]]:
    """Yield each value that can be set: its path, its description and its default."""
    for name, node in described["properties"].items():
        place = f"{path}.{name}".lstrip(".")
        if "properties" in node and name != "affinity":
            yield from leaves(node, values[name], place)
        elif name != "global":
            yield place, node, values[name]


def readme_rows() -> list[str]:
    """Return the rows that README.md must hold, in order."""
    return [
        f"| `{path}` | {node['description']} | `{shown(value)}` |"
        for path, node, value in leaves(schema(), defaults())
    ]


def shown(value: Any) -> str:
    text = yaml.safe_dump(value, default_flow_style=True, width=1000, sort_keys=False)
    return text.removesuffix("\n").removesuffix("...").strip()


def test_every_value_is_described_in_the_readme() -> None:
    lines = (CHART / "README.md").read_text(encoding="utf-8").splitlines()
    found = [line for line in lines if line.startswith("| `")]
    expected = readme_rows()
    assert found == expected, "README.md must hold these rows:\n" + "\n".join(expected)


def names(node: yaml.Node, path: str = "") -> Iterator[tuple[str, int]]:
    """Yield every value of values.yaml that the schema describes, with its line."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            place = f"{path}.{key.value}".lstrip(".")
            yield place, key.start_mark.line
            yield from names(value, place)


def uncommented(text: str, wanted: set[str]) -> list[str]:
    """Name the values that have no comment on the line above them."""
    lines = text.splitlines()
    tree = yaml.compose(text)
    assert tree is not None
    return [
        place
        for place, line in names(tree)
        if place in wanted and not lines[line - 1].lstrip().startswith("#")
    ]


def test_every_value_is_commented_in_values_yaml() -> None:
    wanted = {path for path, _, _ in leaves(schema(), defaults())}
    text = (CHART / "values.yaml").read_text(encoding="utf-8")
    assert uncommented(text, wanted) == []
    assert wanted <= {place for place, _ in names(yaml.compose(text) or yaml.MappingNode("", []))}


def test_a_value_without_comment_would_be_found() -> None:
    assert uncommented("# why\na: 1\nb: 2\n", {"a", "b"}) == ["b"]


def test_chart_and_software_have_the_same_version() -> None:
    project = (Path(CHART).parents[2] / "pyproject.toml").read_text(encoding="utf-8")
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text(encoding="utf-8"))
    assert f'version = "{chart["appVersion"]}"' in project
