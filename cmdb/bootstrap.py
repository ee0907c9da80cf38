"""Puts the product together: the only code that chooses adapters."""

from cmdb.schema.catalog import builtin_catalog
from cmdb.services.delivery import Mail, Senders, Undeliverable
from cmdb.services.environment import Environment
from cmdb.services.ports import GraphStore
from cmdb.settings import (
    StoreAddress,
    mail_settings,
    public_url,
    snapshot_settings,
    store_address,
)
from cmdb.stores.archive import SnapshotFolder


def open_environment(address: str | None = None) -> Environment:
    """The environment on the store at `address` (default: what the settings say).

    Raises InvalidInput for an address of the wrong form and StoreUnavailable.
    """
    where = store_address(address)
    snapshots = snapshot_settings(where)
    archive = None
    if snapshots is not None:
        archive = SnapshotFolder(snapshots.folder, snapshots.keep, snapshots.most_bytes)
    return Environment(open_store(where), archive=archive)


def open_store(address: StoreAddress) -> GraphStore:
    """The adapter that fits the address, connected and migrated."""
    if address.path is not None:
        from cmdb.stores.sqlite import SQLiteStore

        return SQLiteStore(address.path)
    from cmdb.stores.neo4j import Neo4jStore

    catalog = builtin_catalog()

    def labels(type_name: str) -> tuple[str, ...]:
        chain = catalog.ancestors.get(type_name)
        return chain if chain else (type_name,)

    return Neo4jStore(address.uri, address.user, address.password, address.database, labels=labels)


def open_senders() -> Senders:
    """What sends messages, as the settings say; InvalidInput."""
    from cmdb.senders.smtp import SMTPSender
    from cmdb.senders.webhook import WebhookSender

    mail = mail_settings()
    return Senders(_no_mail if mail is None else SMTPSender(mail), WebhookSender(), public_url())


def _no_mail(mail: Mail) -> None:
    raise Undeliverable(target=mail.to, detail="there is no mail server; name one in CMDB_SMTP")
