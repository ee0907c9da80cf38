"""`cmdb ticket attach` and `get`: files on tickets."""

import mimetypes
from pathlib import Path
from typing import Annotated

import typer

from api.cli import session
from api.cli.commands.export import put
from api.cli.ticket_options import AsOption, Call, Number, acting, command
from cmdb.services.ticket_configuration import settings
from cmdb.services.ticketing import attachments
from cmdb.tickets.media import detected
from cmdb.tickets.ticket import Ticket
from discovery import documents

group = typer.Typer()


@command(group)
def attach(
    call: Call,
    number: Number,
    path: Annotated[str, typer.Argument(metavar="FILE", help="The file.")],
    media_type: Annotated[
        str | None,
        typer.Option("--type", metavar="TYPE", help="Its media type; none: what it looks like."),
    ] = None,
) -> Ticket:
    """Attach a file; only known kinds of files are taken, as `config show` of them says."""
    with documents.open_file(path) as file:
        data = file.read(settings(call.env).attachment_limits.file_bytes + 1)
    said = media_type or mimetypes.guess_type(path)[0] or detected(data)
    return attachments.attach(call.actor, call.env, number, Path(path).name, said, data)


@group.command()
def get(
    number: Number,
    id: Annotated[int, typer.Argument(metavar="ID", help="As `show` has it.")],
    path: Annotated[
        str | None, typer.Argument(metavar="FILE", help="Where to; none, or -: stdout.")
    ] = None,
    user: AsOption = None,
    store: session.StoreOption = None,
) -> int:
    """Get a file of a ticket."""
    with session.environment(store) as env:
        _, data = attachments.attachment(acting(env, user), env, number, id)
    put(path, data)
    return 0
