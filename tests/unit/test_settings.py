"""Addresses of stores and mail servers: their forms, their secrets, their errors."""

import pytest

from cmdb.errors import InvalidInput
from cmdb.settings import mail_settings, public_url, store_address


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


@pytest.fixture
def mail(monkeypatch):
    """Set what is said about mail, and read it."""
    for name in ("PASSWORD", "PASSWORD_FILE"):
        monkeypatch.delenv(f"CMDB_SMTP_{name}", raising=False)

    def read(address, sender="CMDB <cmdb@example.org>"):
        monkeypatch.setenv("CMDB_SMTP", address)
        monkeypatch.setenv("CMDB_SMTP_FROM", sender)
        return mail_settings()

    return read


def test_mail(mail, monkeypatch, tmp_path):
    assert mail("") is None
    plain = mail("smtp+plain://relay")
    assert (plain.scheme, plain.host, plain.port, plain.user) == ("smtp+plain", "relay", 25, "")
    assert [mail(f"{one}://h").port for one in ("smtp", "smtps")] == [587, 465]
    assert mail("smtp://h:2525").port == 2525
    monkeypatch.setenv("CMDB_SMTP_PASSWORD", "from-env")
    assert mail("smtp://me@h").password == "from-env"
    file = tmp_path / "password"
    file.write_text("from-file\n")
    monkeypatch.setenv("CMDB_SMTP_PASSWORD_FILE", str(file))
    known = mail("smtps://me@h")
    assert (known.user, known.password) == ("me", "from-file")
    assert "from-file" not in repr(known)
    assert mail("smtp://m%40e:p%20w@h").password == "p w"


@pytest.mark.parametrize(
    "address",
    [
        *("h", "smtp://", "smtp://h:x", "smtp://h/x", "smtp://h?x=1", "http://h"),
        *("smtp+plain://me@h", "smtp://u:p@[::1", "smtp://用户:x@h"),
    ],
)
def test_wrong_addresses_of_mail_servers(mail, address):
    with pytest.raises(InvalidInput, match="CMDB_SMTP:"):
        mail(address)


@pytest.mark.parametrize("sender", ["", "x", "a@b, c@d", "a@b\r\nBcc: c@d", "<a@b", "A <a> <b@c>"])
def test_wrong_senders(mail, sender):
    with pytest.raises(InvalidInput, match="CMDB_SMTP_FROM:"):
        mail("smtp://h", sender)


def test_public_address(monkeypatch):
    for text, expected in (
        ("", ""),
        ("https://cmdb.example.org/", "https://cmdb.example.org"),
        ("http://[::1]:8000/it", "http://[::1]:8000/it"),
    ):
        monkeypatch.setenv("CMDB_PUBLIC_URL", text)
        assert public_url() == expected
    for text in (
        "cmdb.example.org",
        "ftp://x",
        "https://",
        "https://u@h",
        "https://h/?x",
        "https://[h",
    ):
        monkeypatch.setenv("CMDB_PUBLIC_URL", text)
        with pytest.raises(InvalidInput, match="CMDB_PUBLIC_URL"):
            public_url()
