"""`cmdb ticket`: tickets, and what is configured for them."""

import typer

from api.cli import (
    ticket_changing,
    ticket_configuration,
    ticket_files,
    ticket_imports,
    ticket_showing,
)

group = typer.Typer(
    help="Open tickets, work on them, find and import them, and configure how they go."
)
for module in (ticket_showing, ticket_changing, ticket_files, ticket_imports):
    group.add_typer(module.group)
group.add_typer(ticket_configuration.group, name="config")
