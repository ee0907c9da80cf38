"""What commands share that listen for syslog and SNMP traps."""

import contextlib
from collections.abc import Iterator
from typing import Annotated

import typer

from api.cli import output
from api.cli.words import say, wrong
from cmdb.services.environment import Environment

SyslogOption = Annotated[
    str | None,
    typer.Option("--syslog", metavar="ADDRESS:PORT", help="Listen for syslog there (UDP)."),
]
TrapsOption = Annotated[
    str | None,
    typer.Option("--traps", metavar="ADDRESS:PORT", help="Listen for SNMP traps there (UDP)."),
]
CredentialOption = Annotated[
    list[str] | None,
    typer.Option(
        "--credential",
        metavar="NAME",
        help="Take traps with this SNMP credential ('cmdb discover credential'); repeatable.",
    ),
]


@contextlib.contextmanager
def listening(
    env: Environment,
    syslog: str | None,
    traps: str | None,
    credentials: list[str] | None,
    **how: object,
) -> Iterator[None]:
    """Listen meanwhile, if anything is to be listened for."""
    if syslog is None and traps is None:
        yield
        return
    from discovery.credentials import opened
    from discovery.listening import Listener, Listening, address_of

    if traps is not None and not credentials:
        raise wrong("--traps", "name the SNMP credentials with --credential")
    what = Listening(
        None if syslog is None else address_of(syslog, "--syslog"),
        None if traps is None else address_of(traps, "--traps"),
        secrets=opened(env, credentials or ()),
        **how,  # type: ignore[arg-type]
    )
    listener = Listener(env, what)
    listener.start()
    for name, port in listener.ports.items():
        output.note(say("listening for {name} at port {port} (UDP)", name=name, port=port))
    try:
        yield
    finally:
        listener.close()
        counts = {one: listener.inbox.counts[one] for one in COUNTS}
        text = "{received} taken; {dropped} dropped, {limited} over the limit, {refused} unreadable"
        output.note(say(text, **counts))


COUNTS = ("received", "dropped", "limited", "refused")
