"""`cmdb listen`: takes in what devices send by themselves, as syslog or SNMP traps."""

from typing import Annotated

import typer

from api.cli import output, session
from api.cli.listening import CredentialOption, SyslogOption, TrapsOption, listening
from api.cli.stopping import signals
from api.cli.words import say, wrong


def command(
    syslog: SyslogOption = None,
    traps: TrapsOption = None,
    credential: CredentialOption = None,
    syslog_source: Annotated[
        str, typer.Option(metavar="NAME", help="The alert source of syslog, with its site.")
    ] = "syslog",
    traps_source: Annotated[
        str, typer.Option(metavar="NAME", help="The alert source of traps, with its site.")
    ] = "snmp_trap",
    rate: Annotated[
        float, typer.Option(min=0.1, max=1e6, help="Messages a second from each sender.")
    ] = 200.0,
    store: session.StoreOption = None,
) -> int:
    """Listen for syslog and SNMP traps until it is stopped, and take them in as alerts."""
    if syslog is None and traps is None:
        raise wrong("--syslog", "say where to listen, with --syslog or --traps")
    how = {"syslog_source": syslog_source, "traps_source": traps_source}
    how |= {"rate": rate, "burst": 5 * rate}  # type: ignore[dict-item]
    with (
        signals() as wait,
        session.environment(store) as env,
        listening(env, syslog, traps, credential, **how),
    ):
        output.note(say("Ctrl-C stops it"))
        wait()
    return 0
