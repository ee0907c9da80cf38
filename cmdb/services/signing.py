"""Secrets with which webhooks and external systems sign.

They are sealed, as the credentials of discovery are, and never shown; a new one is told once.
"""

from cmdb import sealing
from cmdb.errors import CMDBError
from cmdb.messages.signatures import new_secret, secret_key
from cmdb.services.actor import Actor, Permission, authorised


@authorised(Permission.ADMINISTER, everywhere=True)
def fingerprint(actor: Actor, secret: str) -> str:
    """What tells a secret from others, and tells nothing of it to who has not the key."""
    return sealing.fingerprint({"secret": secret})


def secret_faults(secret: str | None) -> list[CMDBError]:
    """What is wrong with a secret that is given."""
    try:
        if secret is not None:
            secret_key(secret)
    except CMDBError as error:
        return [error]
    return []


def sealed_secret(secret: str | None, known: str | None) -> tuple[str, str | None]:
    """Sealed what is given, else the one that is `known`, else a new one, which comes with it."""
    if secret is None and known is not None:
        return known, None
    made = new_secret() if secret is None else None
    return sealing.sealed({"secret": secret or made}), made
