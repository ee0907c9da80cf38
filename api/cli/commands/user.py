"""`cmdb user`: people with roles, in teams."""

from typing import Annotated, Any

import typer

from api.cli import output, session
from api.cli.words import say
from cmdb.services import users
from cmdb.services.users import User

group = typer.Typer(help="Create, list, show, edit and deactivate users.")

Name = Annotated[str, typer.Argument(metavar="NAME", help="Name of the user.")]
Roles = Annotated[list[str] | None, typer.Option("--role", help="What they may do; several.")]
Display = Annotated[str | None, typer.Option(help="Their name as others see it.")]
Email = Annotated[str | None, typer.Option(help="Where mail goes.")]
Language = Annotated[str | None, typer.Option(help="en or zh.")]
Teams = Annotated[list[str] | None, typer.Option("--team", help="A team they are in; several.")]
Sites = Annotated[
    list[str] | None, typer.Option("--site", help="A site whose CIs they see; several; none: all.")
]
Manager = Annotated[str | None, typer.Option(help="The user to whom what is late goes up.")]


@group.command()
def create(
    name: Name,
    role: Roles = None,
    display: Display = None,
    email: Email = None,
    language: Language = None,
    team: Teams = None,
    site: Sites = None,
    manager: Manager = None,
    store: session.StoreOption = None,
) -> int:
    """Add a user; `cmdb token create --user NAME` gives them a token."""
    values = _given(role, display, email, language, team, site, manager)
    with session.environment(store) as env:
        users.create_user(session.actor(), env, {"name": name, **values})
    output.note(say("user {name} is created", name=name))
    return 0


@group.command("list")
def list_(form: session.FormOption = session.Form.table, store: session.StoreOption = None) -> int:
    """Show all users."""
    with session.environment(store) as env:
        found = users.list_users(session.actor(), env)
    if form is session.Form.json:
        output.put_json({"users": [_content(one) for one in found]})
    else:
        columns = ("name", "display", "email", "roles", "teams", "sites", "manager", "active")
        output.put_rich(output.table(columns, [_row(one) for one in found]))
    return 0


@group.command()
def show(name: Name, store: session.StoreOption = None) -> int:
    """Show all of a user, as JSON."""
    with session.environment(store) as env:
        output.put_json(_content(users.get_user(session.actor(), env, name)))
    return 0


@group.command()
def edit(
    name: Name,
    role: Roles = None,
    display: Display = None,
    email: Email = None,
    language: Language = None,
    team: Teams = None,
    site: Sites = None,
    manager: Manager = None,
    active: Annotated[
        bool | None, typer.Option("--active", help="Let them come back.", show_default=False)
    ] = None,
    store: session.StoreOption = None,
) -> int:
    """Change a user: what is not given stays; an empty text ('') takes a value away."""
    values = _given(role, display, email, language, team, site, manager)
    if active is not None:
        values["active"] = active
    with session.environment(store) as env:
        users.edit_user(session.actor(), env, name, values)
    output.note(say("user {name} is changed", name=name))
    return 0


@group.command()
def deactivate(name: Name, store: session.StoreOption = None) -> int:
    """Let a user, and all their tokens, do nothing more; they stay named where they were."""
    with session.environment(store) as env:
        users.edit_user(session.actor(), env, name, {"active": False})
    output.note(say("user {name} is deactivated", name=name))
    return 0


def _given(
    role: list[str] | None,
    display: str | None,
    email: str | None,
    language: str | None,
    team: list[str] | None,
    site: list[str] | None,
    manager: str | None,
) -> dict[str, Any]:
    """What was said; of lists that were given empty texts, nothing is left."""
    texts = {"display": display, "email": email, "language": language, "manager": manager}
    lists = {"roles": role, "teams": team, "sites": site}
    said: dict[str, Any] = {name: text for name, text in texts.items() if text is not None}
    return said | {name: [one for one in many if one] for name, many in lists.items() if many}


def _content(user: User) -> dict[str, Any]:
    return {"name": user.name, **user.body()}


def _row(user: User) -> tuple[str, ...]:
    lists = (", ".join(many) for many in (user.roles, user.teams, user.sites))
    active = say("yes") if user.active else say("no")
    return (user.name, user.display, user.email, *lists, user.manager, active)
