"""A worker that dies right after it has sent a message: `python -m … SPEC`."""

import os
import sys

from cmdb.senders.webhook import WebhookSender
from cmdb.services.actor import Actor
from cmdb.services.delivery import Call, Senders, deliver_due
from cmdb.services.environment import Environment
from tests.contract.backends import Backend


def main() -> None:
    """Deliver what is due, and die with the first message."""

    def send(call: Call) -> None:
        WebhookSender()(call)
        os._exit(9)

    store = Backend.from_spec(sys.argv[1]).open()
    actor = Actor("dying", frozenset({"administrator"}))
    deliver_due(actor, Environment(store), Senders(print, send))


if __name__ == "__main__":
    main()
