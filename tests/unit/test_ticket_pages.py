"""How the embedded store reads pages of tickets: in the order of an index, not sorting all."""

import pytest

from cmdb.services.ports import TICKET_SORTS, TicketQuery
from cmdb.stores.sqlite import SQLiteStore

MOST = frozenset({"incident", "problem", "change"})


def plan(store, query):
    """How SQLite does what `find` asks."""
    asked = []
    reader = store._connections.reader()
    reader.set_trace_callback(asked.append)
    store.tickets.find(query)
    reader.set_trace_callback(None)
    (statement,) = (one for one in asked if "ORDER BY t." in one)
    return " / ".join(row[-1] for row in reader.execute(f"EXPLAIN QUERY PLAN {statement}"))


@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize("sort", TICKET_SORTS)
@pytest.mark.parametrize("kinds", [None, MOST])
def test_a_page_is_read_in_the_order_of_an_index(tmp_path, kinds, sort, descending):
    store = SQLiteStore(tmp_path / "cmdb.db")
    query = TicketQuery(kinds=kinds, sort=sort, descending=descending, limit=50)
    steps = plan(store, query)
    assert steps.startswith("SCAN t USING INDEX")
    assert "TEMP B-TREE" not in steps.split("CORRELATED")[0]


def test_the_tickets_of_a_team_are_read_in_the_order_of_an_index(tmp_path):
    store = SQLiteStore(tmp_path / "cmdb.db")
    steps = plan(store, TicketQuery(kinds=MOST, team="network", sort="opened"))
    assert "ticket_team" in steps
    assert "TEMP B-TREE" not in steps.split("CORRELATED")[0]
