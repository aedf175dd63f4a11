"""A plan of topics and rules in words: Kafka's own commands, JSON, or a table for a person."""

import json
import shlex
from collections.abc import Iterator
from dataclasses import asdict

from gateway.streams.permissions import Plan, Rule, Topic

HEAD = """\
#!/bin/sh
# What deelregie needs on this cluster; run it as the cluster's operator. Twice does no harm.
# BOOTSTRAP is host:port of a broker, CONFIG the file with your own sign-in.
set -eu
: "${BOOTSTRAP:?}" "${CONFIG:?}"
"""
_TOPICS = 'kafka-topics.sh --bootstrap-server "$BOOTSTRAP" --command-config "$CONFIG"'
_RULES = 'kafka-acls.sh --bootstrap-server "$BOOTSTRAP" --command-config "$CONFIG"'


def as_commands(plan: Plan) -> str:
    """Return a shell script that makes the topics, allows, and takes back what no longer holds."""
    lines = [
        *map(_create, plan.topics),
        *(f"{_RULES} --add {_words(rule)}" for rule in plan.allowed),
        *(f"{_RULES} --remove --force {_words(rule)}" for rule in plan.withdrawn),
    ]
    return HEAD + "\n".join(lines)


def as_json(plan: Plan) -> str:
    """Return one JSON object with `topics`, `allowed` and `withdrawn`."""
    topics = [asdict(topic) | {"settings": topic.settings} for topic in plan.topics]
    return json.dumps(asdict(plan) | {"topics": topics})


def as_table(plan: Plan) -> str:
    """Return what a person reads."""
    return "\n".join(_lines(plan))


def _lines(plan: Plan) -> Iterator[str]:
    for topic in plan.topics:
        yield f"topic   {topic.name} ({topic.partitions} partition)"
    for word, rules in (("allow", plan.allowed), ("refuse", plan.withdrawn)):
        for rule in rules:
            what = f"{rule.kind} {rule.name}{'*' if rule.prefixed else ''}"
            yield f"{word:7} {rule.principal}: {', '.join(rule.operations)} on {what}"


def _create(topic: Topic) -> str:
    settings = [f"--config {name}={value}" for name, value in topic.settings.items()]
    made = f"--topic {topic.name} --partitions {topic.partitions}"
    return " ".join([_TOPICS, "--create --if-not-exists", made, *settings])


def _words(rule: Rule) -> str:
    operations = [f"--operation {one.capitalize()}" for one in rule.operations]
    pattern = ["--resource-pattern-type prefixed"] if rule.prefixed else []
    who = f"--allow-principal {shlex.quote(rule.principal)}"
    return " ".join([who, *operations, f"--{rule.kind} {rule.name}", *pattern])
