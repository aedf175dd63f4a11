"""A load generator that costs little: keep-alive sockets on one event loop, in its own process."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from statistics import quantiles
from typing import cast

import uvloop

END_OF_HEAD = b"\r\n\r\n"
LENGTH = b"content-length:"
# How long an answer may take before it counts as wrong.
PATIENCE = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to send, over how many connections, for how long; stops early when all is sent."""

    port: int
    requests: Sequence[bytes]
    connections: int
    seconds: float
    expected: int
    repeat: bool = False
    host: str = "127.0.0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What came back; `client_cpu` is what the generator itself cost."""

    answered: int
    wrong: int
    seconds: float
    client_cpu: float
    p50_ms: float
    p99_ms: float

    @property
    def per_second(self) -> float:
        return self.answered / self.seconds


@dataclass
class _Work:
    plan: Plan
    deadline: float
    begun: float
    left: Iterator[bytes]
    took: list[float] = field(default_factory=list)
    wrong: int = 0

    def next(self) -> bytes | None:
        if time.perf_counter() > self.deadline:
            return None
        request = next(self.left, None)
        if request is None and self.plan.repeat:
            self.left = iter(self.plan.requests)
            request = next(self.left, None)
        return request


class _Connection(asyncio.Protocol):
    def __init__(self, work: _Work) -> None:
        self._work = work
        self._buffer = bytearray()
        self._sent = 0.0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._send()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        whole = _length(self._buffer)
        if whole is None or len(self._buffer) < whole:
            return
        self._work.took.append(time.perf_counter() - self._sent)
        self._work.wrong += self._buffer[9:12] != b"%d" % self._work.plan.expected
        del self._buffer[:whole]
        self._send()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        if not self.done.done():
            self.done.set_result(None)

    def _send(self) -> None:
        request = self._work.next()
        if request is None:
            self._transport.close()
        else:
            self._sent = time.perf_counter()
            self._transport.write(request)


def _length(answer: bytearray) -> int | None:
    head = answer.find(END_OF_HEAD)
    if head < 0:
        return None
    place = answer.find(LENGTH, 0, head)
    body = int(answer[place + len(LENGTH) : answer.find(b"\r\n", place)]) if place >= 0 else 0
    return head + len(END_OF_HEAD) + body


async def _run(plan: Plan) -> _Work:
    begun = time.perf_counter()
    work = _Work(plan, begun + plan.seconds, begun, iter(plan.requests))
    loop = asyncio.get_running_loop()
    connections = [
        (await loop.create_connection(lambda: _Connection(work), plan.host, plan.port))[1]
        for _ in range(plan.connections)
    ]
    _, silent = await asyncio.wait(
        [one.done for one in connections], timeout=plan.seconds + PATIENCE
    )
    work.wrong += len(silent)
    return work


def run(plan: Plan) -> Load:
    """Carry out a plan and say what came back."""
    cpu = time.process_time()
    work = uvloop.run(_run(plan))
    seconds = time.perf_counter() - work.begun
    centiles = [1000 * one for one in quantiles(work.took or [0.0, 0.0], n=100)]
    return Load(
        answered=max(0, len(work.took) - work.wrong),
        wrong=work.wrong,
        seconds=seconds,
        client_cpu=time.process_time() - cpu,
        p50_ms=centiles[49],
        p99_ms=centiles[98],
    )


def request(method: str, path: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    """Return one HTTP/1.1 request as it goes on the wire."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode() + END_OF_HEAD + body
