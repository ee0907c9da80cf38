"""`POST /impact` over HTTP, and where its time goes."""

import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx
import numpy as np

from benchmarks.estates import layered
from benchmarks.explanations import PARTS, parts
from benchmarks.imports import ACTOR
from benchmarks.measuring import Row, Table, percentiles
from benchmarks.questions import Asked, candidates, nearest
from cmdb.bootstrap import open_environment
from cmdb.impact.snapshot import Snapshot
from cmdb.services.environment import Environment
from cmdb.services.ingest import ingest
from cmdb.services.tokens import create_token
from discovery.agents.estate import parse

SIZES = (100_000,)
RADII, CLIENTS, PAGE = (10, 500, 50_000), (1, 16), 100
QUESTIONS, ROUNDS, SECONDS = 20, 10, 8.0
PATH = "/api/v1/impact"
URL = re.compile(r"http://[0-9.]+:\d+")


def measure(size: int) -> Iterator[Table]:
    """Everything about one size."""
    with tempfile.TemporaryDirectory() as folder:
        address = f"sqlite:///{folder}/cmdb.db"
        env = open_environment(address)
        ingest(ACTOR, env, parse(layered(size).data()), source="estate", reason="benchmark")
        token = create_token(ACTOR, env, role="viewer", name="benchmark")
        snapshot = env.snapshot()
        found = candidates(snapshot)
        asked = {radius: nearest(found, radius, QUESTIONS) for radius in RADII}
        with serving(address) as url:
            rows = [row for one in asked.values() for row in over_http(url, token, snapshot, one)]
        yield Table("http.impact", f"`POST /impact`, pages of {PAGE} rows", rows)
        rows = [inside(env, snapshot, one) for one in asked.values()]
        title = "The same questions in process: parts of the answer, medians in microseconds"
        yield Table("http.parts", title, rows)
        env.store.close()


@contextmanager
def serving(address: str) -> Iterator[str]:
    """`cmdb serve` on a free port; gives its URL."""
    words = [sys.executable, "-m", "api.cli", "serve", "--port", "0", "--store", address]
    settings = {**os.environ, "LC_ALL": "C.UTF-8", "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(words, stderr=subprocess.PIPE, text=True, env=settings)
    try:
        assert process.stderr is not None
        for line in process.stderr:
            if url := URL.search(line):
                break
        else:
            raise AssertionError("the server did not start")
        threading.Thread(target=process.stderr.read, daemon=True).start()
        yield url[0]
    finally:
        process.terminate()
        process.wait(30)


def over_http(url: str, token: str, snapshot: Snapshot, asked: list[Asked]) -> Iterator[Row]:
    """Latency and bytes with one client and with many, each on a connection of its own."""
    bodies = [json.dumps({"failures": [{"key": snapshot.key(one.ci)}]}) for one in asked]
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    sizes: list[int] = []

    def ask(number: int, until: float) -> list[float]:
        times = []
        with httpx.Client(base_url=url, headers=headers, timeout=60) as client:
            for i in range(number, 10**9):
                start = time.perf_counter()
                if start > until:
                    break
                answer = client.post(PATH, content=bodies[i % len(bodies)])
                times.append(time.perf_counter() - start)
                answer.raise_for_status()
                sizes.append(len(answer.content))
        return times

    ask(0, time.perf_counter() + 1)
    for clients in CLIENTS:
        until = time.perf_counter() + SECONDS
        with ThreadPoolExecutor(clients) as pool:
            jobs = [pool.submit(ask, number, until) for number in range(clients)]
            times = [one for job in jobs for one in job.result()]
        yield {
            "size": snapshot.graph.size,
            "radius": int(np.median([one.radius for one in asked])),
            "clients": clients,
            "requests": len(times),
            **percentiles("answer", times),
            "per_s": len(times) / SECONDS,
            "bytes": int(np.median(sizes)),
        }


def inside(env: Environment, snapshot: Snapshot, asked: list[Asked]) -> Row:
    """The parts of an answer in process, and looking for the newest snapshot before."""
    rounds = [[parts(snapshot, one, PAGE) for one in asked] for _ in range(ROUNDS)]
    spent = np.array(rounds).min(axis=0)
    clock, looks = time.perf_counter, []
    for _ in range(200):
        start = clock()
        env.snapshot()
        looks.append(clock() - start)
    return {
        "size": snapshot.graph.size,
        "radius": int(np.median([one.radius for one in asked])),
        "snapshot": float(np.median(looks)) * 1e6,
        **{
            name: float(value) * 1e6
            for name, value in zip(PARTS, np.median(spent, axis=0), strict=True)
        },
    }
