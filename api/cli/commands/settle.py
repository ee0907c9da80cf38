"""`cmdb settle`: conclude anew what time alone changes."""

from api.cli import output, session
from api.cli.words import say
from cmdb.services.sources import settle


def command(store: session.StoreOption = None) -> int:
    """Let values of silent sources yield, and relations that were not confirmed fade."""
    with session.environment(store) as env:
        changed = settle(session.actor(), env)
    output.put(say("{count} changed", count=changed) + "\n")
    return 0
