"""`cmdb impact` as its user waits for it: the first one of a fresh install, and later ones."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.imports import ACTOR
from benchmarks.measuring import Table
from cmdb.bootstrap import open_environment
from cmdb.services.ingest import ingest
from discovery.agents.estate import parse

SIZES = (3_060,)
LATER = 5
EXAMPLE = Path(__file__).parent.parent / "examples" / "bank.py"


def measure(size: int) -> Iterator[Table]:
    """The example estate, whatever the size.

    The first command finds no compiled Python file of ours or of any package, and no saved
    snapshot: as if pip had compiled nothing.
    """
    with tempfile.TemporaryDirectory() as folder:
        address = f"sqlite:///{folder}/cmdb.db"
        made = subprocess.run([sys.executable, EXAMPLE], capture_output=True, check=True)
        data = json.loads(made.stdout)
        env = open_environment(address)
        ingest(ACTOR, env, parse(data), source="estate", reason="benchmark")
        env.store.close()
        key = data["cis"][0]["key"]
        cache = Path(folder) / "cache"
        surroundings = {**os.environ, "CMDB_STORE": address, "PYTHONPYCACHEPREFIX": str(cache)}
        surroundings.pop("PYTHONDONTWRITEBYTECODE", None)
        words = [sys.executable, "-m", "api.cli", "impact", key]
        (first, first_cpu), *later = [spent(words, surroundings) for _ in range(1 + LATER)]
        bare = min(spent([sys.executable, "-c", "pass"], surroundings) for _ in range(LATER))
    row = {
        "cis": len(data["cis"]),
        "first_s": first,
        "first_cpu_s": first_cpu,
        "later_s": min(later)[0],
        "later_cpu_s": min(cpu for _, cpu in later),
        "python_alone_s": bare[0],
    }
    yield Table("commands.impact", "`cmdb impact KEY` from its start to its end", [row])


def spent(words: list[str], surroundings: dict[str, str]) -> tuple[float, float]:
    """Seconds of one process, by the clock and of processor time."""
    before, start = os.times(), time.perf_counter()
    subprocess.run(words, env=surroundings, stdout=subprocess.DEVNULL, check=True)
    took, after = time.perf_counter() - start, os.times()
    used = after.children_user + after.children_system
    return took, used - before.children_user - before.children_system
