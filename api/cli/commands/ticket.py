"""`cmdb ticket`: tickets, and what is configured for them."""

import typer

from api.cli import ticket_configuration

group = typer.Typer(help="Configure tickets.")
group.add_typer(ticket_configuration.group, name="config")
