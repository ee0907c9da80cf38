"""`cmdb worker`: does what is due, beside the service or at another site."""

import asyncio
from typing import Annotated

import typer

from api.cli import output, session
from api.cli.listening import CredentialOption, SyslogOption, TrapsOption, listening
from api.cli.stopping import signals
from api.cli.words import say
from cmdb.settings import queue_address


def command(
    site: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="Do the jobs whose `worker_site` is this, and no others."
        ),
    ] = None,
    at_once: Annotated[int, typer.Option(min=1, max=64, help="Runs at a time.")] = 4,
    syslog: SyslogOption = None,
    traps: TrapsOption = None,
    credential: CredentialOption = None,
    store: session.StoreOption = None,
) -> int:
    """Work at what is due until it is stopped; CMDB_QUEUE names the queue that workers share.

    It may listen for syslog and SNMP traps beside that, as 'cmdb listen' does.
    """
    address = queue_address()
    with session.environment(store) as env, listening(env, syslog, traps, credential):
        text = say("working for {what}; Ctrl-C stops it", what=site or say("all sites"))
        if address is not None:
            from discovery.workers.queued import serve

            output.note(text)
            asyncio.run(serve(address, env, site, at_once))
            return 0
        from discovery.workers.local import LocalWorkers

        with signals() as wait:
            workers = LocalWorkers(env, site, at_once)
            workers.start()
            output.note(text)
            wait()
            workers.close()
    return 0
