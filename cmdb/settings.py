"""Settings from the environment; command-line options override them."""

import hashlib
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from platformdirs import user_cache_path, user_data_path

from cmdb.errors import InvalidInput

NEO4J_SCHEMES = ("neo4j", "neo4j+s", "neo4j+ssc", "bolt", "bolt+s", "bolt+ssc")

SMTP_PORTS = {"smtp": 587, "smtps": 465, "smtp+plain": 25}

_MAILBOX = re.compile(r"[^<>@\s]+@[^<>@\s]+|[^<>@]* <[^<>@\s]+@[^<>@\s]+>")
"""An address, or a name and an address."""

SNAPSHOTS_KEPT, SNAPSHOT_BYTES = 8, 4 * 2**30


@dataclass(frozen=True, slots=True)
class SnapshotSettings:
    """Where snapshots of a store are saved, how many, and how many bytes they may take together."""

    folder: Path
    keep: int
    most_bytes: int


@dataclass(frozen=True, slots=True)
class MailSettings:
    """The server that takes mail, and who sends it. The password is never part of `repr()`."""

    scheme: str
    host: str
    port: int
    sender: str
    user: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class StoreAddress:
    """A parsed store address. The password is never part of `str()` or `repr()`."""

    scheme: str
    path: Path | None = None
    host: str = ""
    user: str = "neo4j"
    database: str = "neo4j"
    password: str = field(default="", repr=False)

    @property
    def uri(self) -> str:
        """The address of the Neo4j server, without user and database."""
        return f"{self.scheme}://{self.host}"

    def __str__(self) -> str:
        if self.path is not None:
            return f"sqlite:///{self.path}"
        return f"{self.scheme}://{self.user}@{self.host}/{self.database}"


def default_address() -> str:
    """The embedded file in the user's data folder."""
    return f"sqlite:///{user_data_path('graph-cmdb') / 'cmdb.db'}"


def store_address(address: str | None = None) -> StoreAddress:
    """Parse `address`, or what CMDB_STORE says, or the default.

    The password of a Neo4j comes from the address, CMDB_STORE_PASSWORD_FILE or
    CMDB_STORE_PASSWORD. Raises InvalidInput.
    """
    text = address or os.environ.get("CMDB_STORE") or default_address()
    try:
        parts = urlsplit(text)
    except ValueError:
        raise InvalidInput(place="store", detail="the address cannot be parsed") from None
    if parts.scheme == "sqlite":
        path = unquote(text.removeprefix("sqlite:///"))
        if not path or text == path:
            raise InvalidInput(place="store", detail="write sqlite:///path/to/file.db")
        return StoreAddress("sqlite", Path(path).absolute())
    if parts.scheme not in NEO4J_SCHEMES or not parts.hostname:
        raise InvalidInput(
            place="store",
            detail="an address is sqlite:///path/to/file.db or neo4j://user@host:7687/database",
        )
    try:
        port = parts.port or 7687
    except ValueError:
        raise InvalidInput(place="store", detail="the port must be a number") from None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return StoreAddress(
        parts.scheme,
        host=f"{host}:{port}",
        user=unquote(parts.username or "neo4j"),
        database=parts.path.strip("/") or "neo4j",
        password=unquote(parts.password or "") or _secret("CMDB_STORE_PASSWORD"),
    )


def snapshot_settings(address: StoreAddress) -> SnapshotSettings | None:
    """Where and how the snapshots of the store at `address` are saved; None where they are not.

    CMDB_SNAPSHOTS is a folder for all stores, or `off`. Without it they are beside the embedded
    file, or for a Neo4j in the user's cache folder. CMDB_SNAPSHOTS_KEEP is how many are kept,
    CMDB_SNAPSHOTS_BYTES how many bytes they may take. Raises InvalidInput.
    """
    where = os.environ.get("CMDB_SNAPSHOTS", "")
    if where == "off":
        return None
    if not where and address.path is not None:
        folder = address.path.with_name(f"{address.path.name}.snapshots")
    else:
        name = hashlib.sha256(str(address).encode()).hexdigest()[:32]
        folder = Path(where) if where else user_cache_path("graph-cmdb") / "snapshots"
        folder = folder.absolute() / name
    return SnapshotSettings(
        folder,
        _count("CMDB_SNAPSHOTS_KEEP", SNAPSHOTS_KEPT),
        _count("CMDB_SNAPSHOTS_BYTES", SNAPSHOT_BYTES),
    )


def queue_address() -> str | None:
    """The PostgreSQL database of the queue of jobs, from CMDB_QUEUE; None for threads alone.

    Raises InvalidInput.
    """
    address = os.environ.get("CMDB_QUEUE", "")
    if not address:
        return None
    if urlsplit(address).scheme not in ("postgresql", "postgres"):
        raise InvalidInput(place="CMDB_QUEUE", detail="write postgresql://user@host/database")
    return address


def mail_settings() -> MailSettings | None:
    """The mail server, from CMDB_SMTP, and the sender, from CMDB_SMTP_FROM; None without them.

    `smtp://user@host:587` begins TLS with STARTTLS, `smtps://user@host:465` at once, and
    `smtp+plain://host:25` has none, for a relay in the same network. The password is in
    CMDB_SMTP_PASSWORD_FILE or CMDB_SMTP_PASSWORD. Raises InvalidInput.
    """
    text = os.environ.get("CMDB_SMTP", "")
    if not text:
        return None
    detail = "write smtp://user@host:587, smtps://user@host:465 or smtp+plain://host:25"
    try:
        parts = urlsplit(text)
        port = parts.port or SMTP_PORTS[parts.scheme]
    except (ValueError, KeyError):
        raise InvalidInput(place="CMDB_SMTP", detail=detail) from None
    if not parts.hostname or parts.path.strip("/") or parts.query:
        raise InvalidInput(place="CMDB_SMTP", detail=detail)
    if parts.scheme == "smtp+plain" and parts.username:
        detail = "a password would be sent in the clear; use smtp:// or smtps:// with a user"
        raise InvalidInput(place="CMDB_SMTP", detail=detail)
    sender = os.environ.get("CMDB_SMTP_FROM", "")
    if not sender.isprintable() or not _MAILBOX.fullmatch(sender):
        detail = "give the sender's address, such as cmdb@example.org or CMDB <cmdb@example.org>"
        raise InvalidInput(place="CMDB_SMTP_FROM", detail=detail)
    user = unquote(parts.username or "")
    password = unquote(parts.password or "") or _secret("CMDB_SMTP_PASSWORD")
    if not (user + password).isascii():
        detail = "user and password must be of ASCII characters"
        raise InvalidInput(place="CMDB_SMTP", detail=detail)
    return MailSettings(parts.scheme, parts.hostname, port, sender, user, password)


def public_url() -> str:
    """Where people find the pages of this service, from CMDB_PUBLIC_URL; empty when not known.

    Raises InvalidInput.
    """
    text = os.environ.get("CMDB_PUBLIC_URL", "")
    if not text:
        return ""
    try:
        parts = urlsplit(text)
        good = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        good = False
    if not good or not text.isprintable() or set(text) & set(" ?#@"):
        raise InvalidInput(
            place="CMDB_PUBLIC_URL", detail="write https://host or https://host/path"
        )
    return text.rstrip("/")


def _count(name: str, default: int) -> int:
    """A whole number of at least 1 from the environment."""
    text = os.environ.get(name)
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and int(text)):
        raise InvalidInput(place=name, detail="a whole number of at least 1 is needed")
    return int(text)


def _secret(name: str) -> str:
    """A secret from the file that NAME_FILE names, or from NAME itself."""
    file = os.environ.get(f"{name}_FILE")
    if not file:
        return os.environ.get(name, "")
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not text"
        detail = f"{file} cannot be read: {reason}"
        raise InvalidInput(place=f"{name}_FILE", detail=detail) from error
