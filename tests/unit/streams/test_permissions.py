"""Who may do what on a cluster: what is planned, and how it is written for an operator."""

import json
from dataclasses import replace

import pytest

from gateway.streams.cluster_words import as_commands, as_json, as_table
from gateway.streams.permissions import Plan, Rule, Service, plan_for

HUB = "User:deelregie"
CLB = Service(id="clb-a", status="active", source="clb")
LONGER = Service(id="clb-a-noord", status="active", source=None)
AWAY = Service(id="caw-x", status="suspended", source="caw")


def planned(*services: Service, with_hub: bool = True) -> Plan:
    return plan_for(
        services, hub=HUB, principal="User:{partner}", sources=["clb", "vaph"], with_hub=with_hub
    )


def may(plan: Plan, principal: str) -> set[tuple[str, str, str]]:
    """Return what a principal may do: operation, kind and name."""
    mine = [rule for rule in plan.allowed if rule.principal == principal]
    return {(one, rule.kind, rule.name) for rule in mine for one in rule.operations}


def opens(rule: Rule, name: str) -> bool:
    """Tell whether a rule is about a name, as an authorizer of Kafka does."""
    return name.startswith(rule.name) if rule.prefixed else name == rule.name


def test_a_partner_reads_its_topic_in_its_group_and_writes_to_its_source() -> None:
    assert may(planned(CLB, LONGER), "User:clb-a") == {
        ("read", "topic", "partner.clb-a"),
        ("describe", "topic", "partner.clb-a"),
        ("read", "group", "partner.clb-a"),
        ("write", "topic", "intake.clb"),
        ("describe", "topic", "intake.clb"),
    }


def test_who_is_no_source_hands_nothing_in() -> None:
    assert {name for _, _, name in may(planned(LONGER), "User:clb-a-noord")} == {
        "partner.clb-a-noord"
    }


def test_who_pulls_the_feed_has_no_topic_and_hands_in_as_before() -> None:
    pulls = replace(CLB, by_feed=True)
    plan = planned(pulls, with_hub=False)
    assert [one.name for one in plan.topics] == ["intake.clb"]
    assert {one.name for one in plan.allowed} == {"intake.clb"}
    assert {one.name for one in plan.withdrawn} == {"partner.clb-a"}


def test_no_rule_of_a_partner_reaches_a_topic_or_group_of_another() -> None:
    plan = planned(CLB, LONGER)
    for rule in plan.allowed:
        reached = {one.id for one in (CLB, LONGER) if opens(rule, f"partner.{one.id}")}
        if rule.principal != HUB:
            assert reached <= {rule.principal.removeprefix("User:")}


def test_the_hub_writes_to_partners_and_reads_what_is_handed_in() -> None:
    assert may(planned(), HUB) == {
        ("write", "topic", "partner."),
        ("describe", "topic", "partner."),
        ("read", "topic", "intake."),
        ("describe", "topic", "intake."),
        ("read", "group", "deelregie-intake"),
    }
    assert {topic.name for topic in planned().topics} == {"intake.clb", "intake.vaph"}


@pytest.mark.parametrize("status", ["suspended", "merged", "closed", "whatever comes later"])
def test_a_service_that_is_not_active_gets_nothing_and_loses_what_it_had(status: str) -> None:
    away = Service(id="clb-a", status=status, source="clb")
    plan = planned(away, with_hub=False)
    assert (plan.allowed, plan.topics) == ((), ())
    assert plan.withdrawn == planned(CLB, with_hub=False).allowed


def test_a_service_that_would_be_the_hub_is_refused() -> None:
    with pytest.raises(ValueError, match="would be the hub itself"):
        planned(Service(id="deelregie", status="active", source=None), with_hub=False)


def test_the_script_makes_topics_allows_and_takes_back() -> None:
    lines = as_commands(planned(CLB, AWAY)).splitlines()
    acls = 'kafka-acls.sh --bootstrap-server "$BOOTSTRAP" --command-config "$CONFIG"'
    assert lines[0] == "#!/bin/sh"
    assert (
        'kafka-topics.sh --bootstrap-server "$BOOTSTRAP" --command-config "$CONFIG" --create'
        " --if-not-exists --topic partner.clb-a --partitions 1"
        " --config max.message.bytes=33554432"
    ) in lines
    assert (
        f"{acls} --add --allow-principal User:deelregie --operation Write --operation Describe"
        " --topic partner. --resource-pattern-type prefixed"
    ) in lines
    assert (
        f"{acls} --add --allow-principal User:clb-a --operation Read --group partner.clb-a"
    ) in lines
    assert (
        f"{acls} --remove --force --allow-principal User:caw-x --operation Write"
        " --operation Describe --topic intake.caw"
    ) in lines


def test_a_principal_with_odd_characters_stays_one_word_of_the_script() -> None:
    plan = plan_for([CLB], hub=HUB, principal="User:CN={partner},O=Zorg; rm -rf", with_hub=False)
    assert "--allow-principal 'User:CN=clb-a,O=Zorg; rm -rf' --operation" in as_commands(plan)


def test_json_and_table_say_the_same() -> None:
    plan = planned(CLB, AWAY)
    told = json.loads(as_json(plan))
    assert {one["name"] for one in told["topics"]} == {one.name for one in plan.topics}
    assert len(told["allowed"]) == len(plan.allowed)
    assert told["withdrawn"][0]["principal"] == "User:caw-x"
    assert "allow   User:deelregie: write, describe on topic partner.*" in as_table(plan)
    assert "refuse  User:caw-x: read on group partner.caw-x" in as_table(plan)
