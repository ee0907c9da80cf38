"""Store addresses: their forms, their secrets, their errors."""

import pytest

from cmdb.errors import InvalidInput
from cmdb.settings import store_address


def test_default_is_the_embedded_file(monkeypatch):
    monkeypatch.delenv("CMDB_STORE", raising=False)
    address = store_address()
    assert address.path is not None
    assert address.path.name == "cmdb.db"
    assert str(address).startswith("sqlite:///")


def test_environment_and_option(monkeypatch, tmp_path):
    monkeypatch.setenv("CMDB_STORE", f"sqlite:///{tmp_path}/a.db")
    assert store_address().path == tmp_path / "a.db"
    assert store_address(f"sqlite:///{tmp_path}/b%20c.db").path == tmp_path / "b c.db"


def test_neo4j_and_its_password(monkeypatch, tmp_path):
    monkeypatch.setenv("CMDB_STORE_PASSWORD", "from-env")
    plain = store_address("neo4j://me@graph.example:7688/cmdb")
    assert (plain.uri, plain.user, plain.database) == ("neo4j://graph.example:7688", "me", "cmdb")
    assert plain.password == "from-env"
    file = tmp_path / "password"
    file.write_text("from-file\n")
    monkeypatch.setenv("CMDB_STORE_PASSWORD_FILE", str(file))
    assert store_address("bolt://h").password == "from-file"
    given = store_address("neo4j+s://me:p%40ss@h/db")
    assert given.password == "p@ss"
    assert "p@ss" not in str(given) + repr(given)
    assert store_address("bolt://[::1]:7687").uri == "bolt://[::1]:7687"


@pytest.mark.parametrize(
    "address",
    [
        "sqlite://",
        "sqlite:///",
        "sqlite:/x",
        "http://h",
        "neo4j://",
        "neo4j://h:port",
        "neo4j://u:p@[::1",
        "x",
    ],
)
def test_wrong_addresses(address):
    with pytest.raises(InvalidInput, match="store"):
        store_address(address)


def test_unreadable_password_file(monkeypatch, tmp_path):
    monkeypatch.setenv("CMDB_STORE_PASSWORD_FILE", str(tmp_path / "none"))
    with pytest.raises(InvalidInput, match="CMDB_STORE_PASSWORD_FILE"):
        store_address("bolt://h")
