"""An alert storm from one broken switch: over HTTP, at an even pace, while questions are asked."""

import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from http.client import HTTPConnection
from typing import Any

import numpy as np

from benchmarks.imports import ACTOR
from benchmarks.measuring import Row, Table
from cmdb.bootstrap import open_environment
from cmdb.services.ingest import ingest
from cmdb.services.tokens import create_token
from discovery.agents.estate import parse
from tests.neo4j_server import Neo4jServer

SIZES = (20_000,)
SPAN = 60.0
SENDERS = {1: 64, 20: 8}
"""How many send at a time, by the alerts of a call; each waits for its answer."""

ACCESS, SERVERS, BYSTANDERS = 40, 2_000, 8_000
PAUSE, PATIENCE = 0.1, 120.0
CORE = "core"
URL = re.compile(r"http://([0-9.]+):(\d+)")
Call = tuple[str, int]


def measure(size: int) -> Iterator[Table]:
    """Alerts one by one and in groups, on both stores."""
    rows = []
    for per_call in SENDERS:
        with tempfile.TemporaryDirectory() as folder:
            rows.append(_storm(f"sqlite:///{folder}/cmdb.db", size, per_call))
    for per_call in SENDERS:
        with Neo4jServer() as server:
            access = f"{server.user}:{server.password}"
            address = f"{server.uri.replace('://', f'://{access}@')}/neo4j"
            rows.append(_storm(address, size, per_call))
    title = f"Alerts of one switch within {SPAN:.0f} s; `after` the last until all were in place"
    yield Table("alerts.storm", title, rows)


def estate() -> dict[str, Any]:
    """A core switch, access switches, servers on these, and as many that have nothing to do."""
    cis: list[dict[str, Any]] = [{"key": CORE, "type": "switch", "name": "core-1"}]
    relations = []
    for a in range(ACCESS):
        cis.append({"key": f"acc-{a}", "type": "switch"})
        relations.append({"from": f"acc-{a}", "type": "depends_on", "to": CORE})
    for s in range(SERVERS):
        cis.append({"key": f"srv-{s}", "type": "server", "name": f"srv-{s}.example.org"})
        relations.append({"from": f"srv-{s}", "type": "depends_on", "to": f"acc-{s % ACCESS}"})
    cis += [{"key": f"other-{n}", "type": "server"} for n in range(BYSTANDERS)]
    return {"cis": cis, "relations": relations}


def _storm(address: str, size: int, per_call: int) -> Row:
    env = open_environment(address)
    ingest(ACTOR, env, parse(estate()), source="estate", reason="benchmark")
    sender = create_token(ACTOR, env, role="collector", name="storm")
    reader = create_token(ACTOR, env, role="administrator", name="reader")
    with _running("serve", "--port", "0", "--no-discovery", store=address) as line:
        found = URL.search(line)
        assert found is not None, line
        where = (found[1], int(found[2]))
        with _running("worker", store=address):
            calls = _calls(size, per_call)
            asked = _Asking(where, reader)
            began = time.perf_counter()
            sent = _send(where, sender, calls, SPAN, SENDERS[per_call])
            took = time.perf_counter() - began
            asked.stop()
            folded = _folded(where, reader, size)
            seq = env.store.seq()
            again = _send(where, sender, calls, 0.0, SENDERS[per_call])
            unchanged = env.store.seq() == seq
    env.close()
    answers = [answer for _, answer in sent]
    return {
        "store": "embedded" if address.startswith("sqlite") else "Neo4j",
        "alerts": size,
        "a_call": per_call,
        "senders": SENDERS[per_call],
        "within_s": took,
        "lost": size - sum(one["new"] for one in answers),
        **_percentiles("sent", [one for one, _ in sent]),
        **_percentiles("asked", asked.times),
        "incidents": folded["incidents"],
        "cause": folded["cause"],
        "in_it": folded["alerts"],
        "after_s": folded["seconds"],
        "repeated": sum(one["repeated"] for _, one in again),
        "replay_wrote": "nothing" if unchanged else "something",
    }


def _percentiles(name: str, times: Sequence[float]) -> Row:
    """The median and the 95th percentile in milliseconds."""
    median, late = np.percentile(times, (50, 95)) * 1000
    return {f"{name}_p50_ms": float(median), f"{name}_p95_ms": float(late)}


@contextmanager
def _running(*words: str, store: str) -> Iterator[str]:
    """A command until it is no more needed; gives the line by which it says that it is ready."""
    command = [sys.executable, "-m", "api.cli", *words, "--store", store]
    settings = {**os.environ, "LC_ALL": "C.UTF-8", "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=settings)
    try:
        assert process.stderr is not None
        line = next(one for one in process.stderr if "Ctrl-C" in one)
        threading.Thread(target=process.stderr.read, daemon=True).start()
        yield line
    finally:
        process.terminate()
        process.wait(60)


def _calls(size: int, per_call: int) -> list[bytes]:
    """Webhooks of Alertmanager, each with some alerts."""
    began = datetime.now(UTC).isoformat()
    alerts = [
        {
            "status": "firing",
            "fingerprint": f"{n:016x}",
            "startsAt": began,
            "labels": {
                "alertname": f"Check{n // SERVERS}",
                "instance": f"srv-{n % SERVERS}.example.org:9100",
                "job": "node",
                "severity": "critical",
            },
            "annotations": {"summary": "it does not answer"},
        }
        for n in range(size)
    ]
    parts = (alerts[start : start + per_call] for start in range(0, size, per_call))
    return [json.dumps({"version": "4", "alerts": part}).encode() for part in parts]


def _send(
    where: Call, token: str, calls: Sequence[bytes], span: float, senders: int
) -> list[tuple[float, dict[str, Any]]]:
    """Send all within a time; how long each took, and the answers."""
    began = time.perf_counter()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def work(first: int) -> list[tuple[float, dict[str, Any]]]:
        connection = HTTPConnection(*where, timeout=120)
        made = []
        for n in range(first, len(calls), senders):
            wait = began + span * n / len(calls) - time.perf_counter()
            if wait > 0:
                time.sleep(wait)
            start = time.perf_counter()
            connection.request("POST", "/api/v1/alerts/alertmanager", calls[n], headers)
            answer = connection.getresponse()
            content = answer.read()
            assert answer.status == 200, content
            made.append((time.perf_counter() - start, json.loads(content)))
        connection.close()
        return made

    with ThreadPoolExecutor(senders) as pool:
        return [one for made in pool.map(work, range(senders)) for one in made]


class _Asking:
    """Somebody who asks for an impact again and again, as he would on any day."""

    def __init__(self, where: Call, token: str) -> None:
        self.times: list[float] = []
        self._where, self._token = where, token
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._ask)
        self._thread.start()

    def stop(self) -> None:
        """Ask no more."""
        self._stop.set()
        self._thread.join()

    def _ask(self) -> None:
        connection = HTTPConnection(*self._where, timeout=120)
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        body = json.dumps({"failures": [{"key": "acc-1"}]})
        while not self._stop.wait(PAUSE):
            start = time.perf_counter()
            connection.request("POST", "/api/v1/impact", body, headers)
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 200
            self.times.append(time.perf_counter() - start)


def _folded(where: Call, token: str, size: int) -> Row:
    """How long it takes until all alerts are in one incident with the right cause."""
    began = time.perf_counter()
    while True:
        incidents = _get(where, token, "/incidents?open=true")["items"]
        causes = [t["key"] for one in incidents for t in one["items"] if t["role"] == "cause"]
        waiting = _get(where, token, "/alerts?state=firing&limit=1")["items"]
        passed = time.perf_counter() - began
        if not waiting or passed > PATIENCE:
            break
        time.sleep(PAUSE)
    count, cursor = 0, ""
    while True:
        number = incidents[0]["number"]
        got = _get(where, token, f"/alerts?linked={number}&limit=1000{cursor}")
        count += len(got["items"])
        if got["next"] is None:
            return {
                "incidents": len(incidents),
                "cause": "right" if causes == [CORE] else "wrong",
                "alerts": count,
                "seconds": passed,
            }
        cursor = f"&cursor={got['next']}"


def _get(where: Call, token: str, path: str) -> Any:
    connection = HTTPConnection(*where, timeout=120)
    connection.request("GET", f"/api/v1{path}", headers={"Authorization": f"Bearer {token}"})
    content = connection.getresponse().read()
    connection.close()
    return json.loads(content)
