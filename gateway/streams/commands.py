"""The commands a partner runs: `deelregie receive`, `deelregie intake` and `deelregie cosign`.

Only the options are here; the clients of Kafka and HTTP are loaded when a command runs.
"""

import signal
from pathlib import Path
from threading import Event
from typing import Annotated

import typer

HubAddress = Annotated[
    str, typer.Option("--hub", envvar="DEELREGIE_HUB", help="Address of the hub.")
]
KeyFile = Annotated[
    Path,
    typer.Option(
        "--key",
        envvar="DEELREGIE_PARTNER_KEY",
        exists=True,
        dir_okay=False,
        help="The partner's private key, a JWK in a file.",
    ),
]
KafkaAddress = Annotated[
    str,
    typer.Option(
        "--bootstrap", envvar="DEELREGIE_KAFKA_BOOTSTRAP", help="host:port of the Kafka cluster."
    ),
]


StateFolder = Annotated[
    Path | None, typer.Option(help="Folder that remembers which messages were dealt with.")
]
Group = Annotated[str | None, typer.Option(help="Consumer group; the topic's name by default.")]
Lines = Annotated[bool, typer.Option("--json", help="One JSON object per message, for programs.")]
Once = Annotated[bool, typer.Option("--once", help="Stop when what is there now is read.")]
Count = Annotated[int | None, typer.Option(min=1, help="Stop after this many messages.")]
Timeout = Annotated[float | None, typer.Option(min=0, help="Stop after so many seconds.")]
Feed = Annotated[bool, typer.Option("--feed", help="Pull the hub's feed instead of a topic.")]
Done = Annotated[
    str | None,
    typer.Option(help="What to answer to notices: erased, nothing-held or kept-by-law."),
]
Basis = Annotated[str | None, typer.Option(help="With kept-by-law: why the law lets you keep it.")]


def receive(
    *,
    partner: Annotated[str, typer.Argument(help="The partner whose messages to read.")],
    hub: HubAddress,
    key: KeyFile,
    bootstrap: KafkaAddress = "",
    feed: Feed = False,
    state: StateFolder = None,
    group: Group = None,
    as_lines: Lines = False,
    once: Once = False,
    count: Count = None,
    timeout: Timeout = None,
    answer: Done = None,
    basis: Basis = None,
) -> None:
    """Read a partner's messages, ask the hub for their keys, and print what may be read.

    Exit 1: the hub refused, or fewer messages than --count came before the time-out.
    """
    from gateway.streams import programs  # noqa: PLC0415 -- help is instant

    if not bootstrap and not feed:
        raise typer.BadParameter("name the cluster, or use --feed", param_hint="--bootstrap")
    order = programs.Order(
        bootstrap=bootstrap,
        access=programs.own_access(),
        group=group,
        state=state,
        once=once,
        count=count,
        seconds=timeout,
        feed=feed,
        answer=programs.answer_of(answer, basis),
    )
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with programs.connected(hub, partner, key) as (client, _):
        told = programs.show_messages(client, order, as_lines=as_lines, stop=stop)
    if count is not None and told < count:
        raise typer.Exit(1)


def intake(
    *,
    source: Annotated[str, typer.Argument(help="The source: vaph, clb, caw or childcare.")],
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The record.")],
    partner: Annotated[str, typer.Option(help="The partner that hands it in.")],
    hub: HubAddress,
    key: KeyFile,
    bootstrap: KafkaAddress = "",
    kafka: Annotated[
        bool, typer.Option("--kafka", help="Send it through the topic intake.SOURCE.")
    ] = False,
    content_type: Annotated[
        str | None, typer.Option(help="Its media type; by default from the file's name.")
    ] = None,
    idempotency_key: Annotated[
        str | None, typer.Option(help="Makes a repeat harmless; by default the content's SHA-256.")
    ] = None,
) -> None:
    """Hand in one record, in the partner's own format, and print its receipt as JSON."""
    from gateway.streams import programs  # noqa: PLC0415 -- help is instant

    if kafka and not bootstrap:
        raise typer.BadParameter("name the cluster", param_hint="--bootstrap")
    record = programs.handed(
        source,
        file.name,
        file.read_bytes(),
        content_type=content_type,
        idempotency_key=idempotency_key,
    )
    with programs.connected(hub, partner, key) as (client, sender):
        through = bootstrap if kafka else None
        typer.echo(programs.hand_in(client, sender, record, bootstrap=through))


def cosign(
    *,
    partner: Annotated[str, typer.Argument(help="The partner that is the witness.")],
    hub: HubAddress,
    key: KeyFile,
    log_key: Annotated[str, typer.Option(help="Public key of the log (NAME+ID+KEY).")],
    witness_key: Annotated[
        Path,
        typer.Option(exists=True, dir_okay=False, help="File with the witness's private key."),
    ],
    seen: Annotated[
        Path, typer.Option(help="File that remembers the last checkpoint; keep it well.")
    ],
) -> None:
    """See that the newest checkpoint of the access log continues the last one seen, and cosign it.

    Exit 0: cosigned; 1: it does not continue, or the hub refused; nothing was signed.
    """
    from gateway.streams import programs  # noqa: PLC0415 -- help is instant

    watch = programs.watch(log_key, witness_key, seen)
    with programs.connected(hub, partner, key) as (client, _):
        typer.echo(f"cosigned up to leaf {programs.cosign(client, watch)}")
