"""`cmdb ticket`: tickets, and what is configured for them."""

import typer

from api.cli import ticket_changing, ticket_configuration, ticket_files, ticket_showing

group = typer.Typer(
    help="Open tickets, work on them, find and import them, and configure how they go."
)
for commands in (ticket_showing.group, ticket_changing.group, ticket_files.group):
    group.add_typer(commands)
group.add_typer(ticket_configuration.group, name="config")
