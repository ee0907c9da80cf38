"""Fixtures of all tests: the shared Neo4j, and a store of every kind."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings
from neo4j import GraphDatabase

from tests import neo4j_server
from tests.contract.backends import Backend
from tests.neo4j_server import Neo4jAccess

settings.register_profile("nightly", max_examples=1000, deadline=None)
if os.environ.get("HYPOTHESIS_PROFILE"):
    settings.load_profile(os.environ["HYPOTHESIS_PROFILE"])


def pytest_configure(config):
    if not hasattr(config, "workerinput"):
        neo4j_server.share()


def pytest_unconfigure(config):
    if not hasattr(config, "workerinput"):
        neo4j_server.unshare()


def pytest_collection_modifyitems(items):
    neo4j_server.keep_on_one_worker(items, fixture="neo4j")
    for item in items:
        if "neo4j" in getattr(getattr(item, "callspec", None), "params", {}).values():
            item.add_marker(pytest.mark.xdist_group("neo4j"))


@pytest.fixture
def neo4j() -> Iterator[Neo4jAccess]:
    """The shared Neo4j with an empty database, for one test."""
    with neo4j_server.lend() as access:
        driver = GraphDatabase.driver(access.uri, auth=(access.user, access.password))
        with driver, driver.session() as session:
            session.run(
                "MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 10000 ROWS"
            ).consume()
        yield access


@pytest.fixture(params=["sqlite", "neo4j"])
def backend(request, tmp_path) -> Iterator[Backend]:
    """An empty database of each kind, in which stores can be opened."""
    if request.param == "sqlite":
        made = Backend("sqlite", path=str(tmp_path / "cmdb.db"))
    else:
        access = request.getfixturevalue("neo4j")
        made = Backend("neo4j", uri=access.uri, user=access.user, password=access.password)
    with made:
        yield made


@pytest.fixture
def store(backend):
    """An empty store of each kind."""
    return backend.open()
