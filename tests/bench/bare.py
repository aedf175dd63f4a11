"""Yardsticks: a bare FastAPI application and a bare client that send the hub's own statements.

They authenticate, decide, encrypt and log nothing of their own: what they reach is what the
framework and the database leave for the hub to use.
"""

import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
from fastapi import FastAPI, Request, Response
from starlette.concurrency import run_in_threadpool

from tests.bench.recording import Parameters, Recording

RECORDING, DATABASE = "BENCH_RECORDING", "BENCH_DATABASE"


def fresh(original: bytes) -> Parameters:
    """Return the values that differ for every record."""
    return {"id": uuid4(), "idempotency_key": os.urandom(32), "original": original}


def make_app() -> FastAPI:
    """Return the bare application, for the recording that the environment names."""
    recording = Recording.load(Path(os.environ[RECORDING]))
    app, own = FastAPI(), _connections(os.environ[DATABASE])

    @app.post("/intake/{source}")
    async def deliver(source: str, request: Request) -> Response:
        raw = await request.body()
        await run_in_threadpool(lambda: recording.replay(own(), fresh(raw)))
        return Response(recording.answer, 202)

    @app.get("/fhir/{resource_type}")
    def search(resource_type: str, patient: str = "") -> Response:
        recording.replay(own(), {})
        return Response(recording.answer)

    return app


def _connections(address: str) -> Callable[[], psycopg.Connection[Any]]:
    kept = threading.local()

    def own() -> psycopg.Connection[Any]:
        if not hasattr(kept, "connection"):
            kept.connection = psycopg.connect(address, autocommit=True, prepare_threshold=2)
        connection: psycopg.Connection[Any] = kept.connection
        return connection

    return own


def insert_rows(address: str, row: Recording, original: bytes, *, seconds: float) -> float:
    """Insert one kind of row for so long, each durable, with eight clients; rows per second."""
    begun = time.perf_counter()
    deadline = begun + seconds

    def insert(_client: int) -> int:
        count = 0
        with psycopg.connect(address, autocommit=True, prepare_threshold=2) as connection:
            while time.perf_counter() < deadline:
                row.replay(connection, fresh(original))
                count += 1
        return count

    with ThreadPoolExecutor(8) as clients:
        done = sum(clients.map(insert, range(8)))
    return done / (time.perf_counter() - begun)
