"""`deelregie partner topics`: what a cluster must have for each partner, shown or made.

Only the options are here; what does the work is loaded when the command runs.
"""

from typing import TYPE_CHECKING, Annotated

import typer

from gateway.opening import fail, opened

if TYPE_CHECKING:
    from gateway.exchange.hub import Hub
    from gateway.settings import Settings
    from gateway.streams.permissions import Plan, Service


def topics(
    partners: Annotated[
        list[str] | None,
        typer.Argument(help="Ids of services; without any: all of them, and the hub."),
    ] = None,
    *,
    as_object: Annotated[bool, typer.Option("--json", help="Print JSON for a program.")] = False,
    commands: Annotated[
        bool, typer.Option("--commands", help="Print a script of Kafka's own commands.")
    ] = False,
    apply: Annotated[
        bool,
        typer.Option("--apply", help="Make it so, signed in as the cluster's operator."),
    ] = False,
    hub_principal: Annotated[
        str, typer.Option(help="Who the hub is on the cluster.")
    ] = "User:deelregie",
    principal: Annotated[
        str, typer.Option(help="Who a service is on the cluster; {partner} is its id.")
    ] = "User:{partner}",
) -> None:
    """Show the topics and access rules of partners; --commands or --apply set them up.

    A service that is suspended, merged or closed loses its rules; one that pulls the feed has no
    topic of its own. Exit 0: done; 1: refused.
    """
    from gateway.streams import cluster_words

    if "{partner}" not in principal:
        # One principal for all would let every partner read every topic.
        raise typer.BadParameter("say where the id goes: {partner}", param_hint="--principal")
    with opened() as hub:
        plan = _plan(_services(hub), partners or [], hub_principal, principal)
    if apply:
        _apply(plan, hub.settings)
    form = cluster_words.as_commands if commands else cluster_words.as_table
    typer.echo(cluster_words.as_json(plan) if as_object else form(plan))


def _plan(known: "dict[str, Service]", partners: list[str], own: str, principal: str) -> "Plan":
    from adapters.registry import ADAPTERS
    from gateway.streams.permissions import plan_for

    if missing := sorted(set(partners) - set(known)):
        fail(f"no service is called {', '.join(missing)}; see `deelregie partner list`")
    wanted = [known[one] for one in partners or known]
    sources, whole = sorted(ADAPTERS), not partners
    try:
        return plan_for(wanted, hub=own, principal=principal, sources=sources, with_hub=whole)
    except ValueError as error:
        fail(str(error))


def _services(hub: "Hub") -> "dict[str, Service]":
    from gateway.exchange.partners.register_partner import list_partners
    from gateway.exchange.partners.register_way import without_kafka
    from gateway.streams.permissions import Service

    found, feeds = list_partners(hub), without_kafka(hub)
    return {
        one.id: Service(id=one.id, status=one.status, source=one.source, by_feed=one.id in feeds)
        for one in found
    }


def _apply(plan: "Plan", settings: "Settings") -> None:
    from gateway.streams import cluster_rules
    from gateway.streams.access import access_of
    from gateway.streams.client import BROKER_TROUBLE

    if not settings.kafka_bootstrap:
        fail("name the cluster: DEELREGIE_KAFKA_BOOTSTRAP")
    try:
        cluster_rules.apply(plan, settings.kafka_bootstrap, access_of(settings))
    except BROKER_TROUBLE as error:
        fail(f"the cluster did not take it ({type(error).__name__}); sign in as its operator")
