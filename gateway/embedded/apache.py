"""Apache Kafka 4 as one KRaft node: its properties, its formatted storage and its command line."""

import base64
import secrets
from pathlib import Path

from gateway.embedded.child import Command
from gateway.embedded.failure import EngineError
from gateway.embedded.guard import CONTROLLER, Guard
from gateway.embedded.jars import kafka_jars
from gateway.embedded.java import find_java
from gateway.embedded.ports import LOOPBACK, free_port
from gateway.embedded.programs import run_once
from gateway.embedded.steps import Steps

NODE = 1
CLIENTS, PLAINTEXT, SASL = "CLIENTS", "PLAINTEXT", "SASL_PLAINTEXT"
# A laptop's heap; the quick compiler and the simple collector start fastest.
JVM = ("-Xms64m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
       "-XX:+ExitOnOutOfMemoryError", "-Xshare:auto", "-Djava.awt.headless=true")  # fmt: skip

LOGGING = """\
status=error
appender.out.type=Console
appender.out.name=out
appender.out.layout.type=PatternLayout
appender.out.layout.pattern=%d{ISO8601} %p %c{1} %m%n
rootLogger.level=warn
rootLogger.appenderRef.out.ref=out
"""


def apache_command(
    folder: Path, log: Path, port: int, steps: Steps, guard: Guard | None = None
) -> Command:
    """Fetch the jars, write the configuration, format the storage once, and say how to run it."""
    java, jars = find_java(), kafka_jars(steps)
    properties, logging = folder / "server.properties", folder / "log4j2.properties"
    properties.touch(mode=0o600)
    properties.write_text(_properties(folder / "data", port, free_port(), guard), encoding="utf-8")
    logging.write_text(LOGGING, encoding="utf-8")
    run = (str(java), *JVM, f"-Dlog4j2.configurationFile={logging}", "-cp", f"{jars}/*")
    if not (folder / "data" / "meta.properties").exists():
        _format_storage(run, properties, guard.format_words() if guard else ())
    return Command(
        name="kafka",
        argv=(*run, "kafka.Kafka", str(properties)),
        folder=folder,
        log=log,
        patience=30.0,
    )


def _format_storage(run: tuple[str, ...], properties: Path, first_user: tuple[str, ...]) -> None:
    cluster = base64.urlsafe_b64encode(secrets.token_bytes(16)).decode().rstrip("=")
    # A cluster id that begins with a dash would be read as an option.
    words = (
        f"--cluster-id={cluster}",
        "--ignore-formatted",
        "--config",
        str(properties),
        *first_user,
    )
    formatted = run_once([*run, "kafka.tools.StorageTool", "format", *words])
    if formatted.code != 0:
        raise EngineError(f"Apache Kafka cannot format its storage: {formatted.complaint}")


def _properties(data: Path, port: int, controller: int, guard: Guard | None) -> str:
    clients, controllers = (guard.protocol, SASL) if guard else (PLAINTEXT, PLAINTEXT)
    settings: dict[str, object] = {
        "process.roles": "broker,controller",
        "node.id": NODE,
        "controller.quorum.voters": f"{NODE}@{LOOPBACK}:{controller}",
        "listeners": f"{CLIENTS}://{LOOPBACK}:{port},{CONTROLLER}://{LOOPBACK}:{controller}",
        "advertised.listeners": f"{CLIENTS}://{LOOPBACK}:{port}",
        "controller.listener.names": CONTROLLER,
        "inter.broker.listener.name": CLIENTS,
        "listener.security.protocol.map": f"{CLIENTS}:{clients},{CONTROLLER}:{controllers}",
        "log.dirs": data,
        # Production clusters do not make topics by themselves; neither does this one.
        "auto.create.topics.enable": "false",
        "num.partitions": 1,
        "log.index.size.max.bytes": 1_048_576,
        "group.initial.rebalance.delay.ms": 0,
        # A killed node must wait until its earlier self counts as gone; alone, it need not be long.
        "broker.session.timeout.ms": 2_000,
        "broker.heartbeat.interval.ms": 500,
        "default.replication.factor": 1,
        "offsets.topic.replication.factor": 1,
        "offsets.topic.num.partitions": 1,
        "transaction.state.log.replication.factor": 1,
        "transaction.state.log.min.isr": 1,
        "transaction.state.log.num.partitions": 1,
        "share.coordinator.state.topic.replication.factor": 1,
        "share.coordinator.state.topic.min.isr": 1,
        "share.coordinator.state.topic.num.partitions": 1,
    }
    settings |= guard.properties(CLIENTS) if guard else {}
    return "".join(f"{name}={value}\n" for name, value in settings.items())
