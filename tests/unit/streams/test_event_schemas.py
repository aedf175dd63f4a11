import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import (  # type: ignore[import-untyped]  # it carries no types
    Draft202012Validator,
    FormatChecker,
    ValidationError,
)

from adapters.registry import ADAPTERS
from gateway.streams.envelope import CONTENT_TYPES, Message, to_kafka
from gateway.streams.topics import (
    INTAKE_PARTITIONS,
    PARTNER_PARTITIONS,
    intake_topic,
    partner_topic,
)

EVENTS = Path("schemas/events")
SCHEMAS = sorted(EVENTS.glob("*.schema.json"))
ASYNCAPI: dict[str, Any] = yaml.safe_load((EVENTS / "asyncapi.yaml").read_bytes())
HEADERS = {
    "be.deelregie.record.updated.v1": "record-updated.v1",
    "be.deelregie.consent.withdrawn.v1": "consent-withdrawn.v1",
    "be.deelregie.record.ended.v1": "record-ended.v1",
}


def validator(name: str) -> Draft202012Validator:
    schema = json.loads((EVENTS / f"{name}.schema.json").read_bytes())
    return Draft202012Validator(schema, format_checker=FormatChecker())


def headers_of(kind: str) -> dict[str, str]:
    message = Message(
        id="6dbd3a5e-9b5f-4e0c-9f6e-2f4d3a0f0f11",
        type=kind,
        source="https://hub.example",
        sequence=1,
        bucket="0f",
        payload=b"x",
        at=datetime(2026, 11, 21, tzinfo=UTC),
    )
    return {name: value.decode() for name, value in to_kafka(message)[2]}


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        yield from (value for name, value in node.items() if name == "$ref")
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def resolved(reference: str) -> Any:
    if not reference.startswith("#"):
        return json.loads((EVENTS / reference).read_bytes())
    found: Any = ASYNCAPI
    for step in reference.removeprefix("#/").split("/"):
        found = found[step]
    return found


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: path.name)
def test_every_schema_is_a_schema_under_its_own_name(path: Path) -> None:
    schema = json.loads(path.read_bytes())
    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == f"https://deelregie.example/schemas/events/{path.name}"
    assert schema["title"]


@pytest.mark.parametrize("kind", sorted(CONTENT_TYPES))
def test_what_the_hub_writes_is_what_the_schema_says(kind: str) -> None:
    validator(HEADERS[kind]).validate(headers_of(kind))


@pytest.mark.parametrize(
    "change",
    [
        {"ce_subject": "a-child"},
        {"ce_sequence": "1"},
        {"ce_partitionkey": "child-1"},
        {"ce_id": ""},
        {"ce_type": "be.deelregie.record.updated.v2"},
    ],
)
def test_a_header_that_is_not_agreed_is_refused(change: dict[str, str]) -> None:
    kind = "be.deelregie.record.updated.v1"
    with pytest.raises(ValidationError):
        validator(HEADERS[kind]).validate(headers_of(kind) | change)


def test_every_reference_of_the_asyncapi_document_leads_somewhere() -> None:
    found = list(references(ASYNCAPI))
    assert found
    for reference in found:
        assert resolved(reference), reference


def test_every_schema_is_used_by_the_asyncapi_document() -> None:
    used = {Path(one).name for one in references(ASYNCAPI) if not one.startswith("#")}
    assert used == {path.name for path in SCHEMAS}


def test_the_asyncapi_document_has_the_structure_of_version_3() -> None:
    assert ASYNCAPI["asyncapi"] == "3.0.0"
    assert {"title", "version"} <= ASYNCAPI["info"].keys()
    allowed = {
        "asyncapi", "id", "info", "servers", "defaultContentType", "channels", "operations",
        "components",
    }  # fmt: skip
    assert ASYNCAPI.keys() <= allowed
    for server in ASYNCAPI["servers"].values():
        assert {"host", "protocol"} <= server.keys()


@pytest.mark.parametrize("name", ASYNCAPI["channels"])
def test_every_channel_has_the_parameters_of_its_address(name: str) -> None:
    channel = ASYNCAPI["channels"][name]
    allowed = {
        "address", "title", "summary", "description", "servers", "parameters", "messages",
        "bindings", "tags", "externalDocs",
    }  # fmt: skip
    assert channel.keys() <= allowed
    assert all(f"{{{one}}}" in channel["address"] for one in channel["parameters"])
    assert channel["messages"]


@pytest.mark.parametrize("name", ASYNCAPI["operations"])
def test_every_operation_sends_or_receives_messages_of_its_own_channel(name: str) -> None:
    operation = ASYNCAPI["operations"][name]
    assert operation["action"] in {"send", "receive"}
    channel = operation["channel"]["$ref"]
    assert all(one["$ref"].startswith(f"{channel}/messages/") for one in operation["messages"])


def test_the_document_names_the_topics_and_types_that_the_program_uses() -> None:
    channels, messages = ASYNCAPI["channels"], ASYNCAPI["components"]["messages"]
    assert channels["partner"]["address"].format(partner="x") == partner_topic("x")
    assert channels["intake"]["address"].format(source="x") == intake_topic("x")
    assert channels["partner"]["bindings"]["kafka"]["partitions"] == PARTNER_PARTITIONS
    assert INTAKE_PARTITIONS >= 1
    assert set(channels["intake"]["parameters"]["source"]["enum"]) == set(ADAPTERS)
    sent = {one["name"]: one["contentType"] for one in messages.values()}
    assert {name: sent[name] for name in CONTENT_TYPES} == CONTENT_TYPES
