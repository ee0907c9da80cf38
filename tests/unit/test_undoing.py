"""Undoing runs: in any order, as if they had never been made."""

import tempfile
from contextlib import contextmanager
from pathlib import Path

from hypothesis import HealthCheck, given, settings

from cmdb.services.environment import Environment
from cmdb.stores.sqlite import SQLiteStore
from tests.undoing import check_undoing, histories

MEMORY = Path("/dev/shm")


@contextmanager
def embedded(clock):
    folder = MEMORY if MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(dir=folder) as place:
        env = Environment(SQLiteStore(Path(place) / "cmdb.db"), clock)
        try:
            yield env
        finally:
            env.close()


@settings(max_examples=1500, deadline=None, suppress_health_check=list(HealthCheck))
@given(histories())
def test_undone_runs_are_as_if_they_had_never_been_made(history):
    check_undoing(embedded, history)
