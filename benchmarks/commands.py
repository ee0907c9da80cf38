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
        words = [sys.executable, "-m", "api.cli", "impact", key]
        walls = [wall(words, surroundings) for _ in range(1 + LATER)]
        bare = min(wall([sys.executable, "-c", "pass"], surroundings) for _ in range(LATER))
    row = {
        "cis": len(data["cis"]),
        "first_s": walls[0],
        "second_s": walls[1],
        "later_s": min(walls[1:]),
        "python_alone_s": bare,
    }
    yield Table("commands.impact", "`cmdb impact KEY` from its start to its end", [row])


def wall(words: list[str], surroundings: dict[str, str]) -> float:
    """Seconds of one process."""
    start = time.perf_counter()
    subprocess.run(words, env=surroundings, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start
