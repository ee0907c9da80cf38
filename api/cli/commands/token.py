"""`cmdb token`: who may use the HTTP API."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from api.cli import output, session
from api.cli.words import say
from cmdb.services import tokens
from cmdb.services.actor import Scope

group = typer.Typer(help="Create, list and revoke tokens of the HTTP API.")


@group.command()
def create(
    role: Annotated[
        str | None,
        typer.Option(help="What it may: viewer, editor, administrator, collector, service_desk, …"),
    ] = None,
    user: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Whom it acts as, with the roles that they have then."),
    ] = None,
    expires: Annotated[
        str | None, typer.Option(metavar="SPAN", help="Such as 90d, 12h or 2w (default: never).")
    ] = None,
    name: Annotated[
        str | None, typer.Option(help="Whose it is; stands in the log (default: you).")
    ] = None,
    site: Annotated[list[str] | None, typer.Option(help="Limit it to CIs of a site.")] = None,
    type_name: Annotated[
        list[str] | None, typer.Option("--type", help="Limit it to a type and those below it.")
    ] = None,
    source: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="The only source for which a collector may speak."),
    ] = None,
    store: session.StoreOption = None,
) -> int:
    """Print a new token; it is not shown again."""
    span = None if expires is None else tokens.duration(expires)
    scope = Scope(
        frozenset(site) if site else None,
        frozenset(type_name) if type_name else None,
    )
    with session.environment(store) as env:
        token = tokens.create_token(
            session.actor(),
            env,
            role=role or "",
            user=user or "",
            name=output.one_line(name or "") or user or session.user(),
            expires=span,
            scope=scope,
            source=source,
        )
    output.put_secret(token)
    return 0


@group.command("list")
def list_(form: session.FormOption = session.Form.table, store: session.StoreOption = None) -> int:
    """Show all tokens, without what is secret."""
    with session.environment(store) as env:
        known = [
            {"number": one.name, **asdict(one)["body"]}
            for one in tokens.list_tokens(session.actor(), env)
        ]
    if form is session.Form.json:
        output.put_json({"tokens": known})
    else:
        owned = ("number", "name", "role", "user", "source")
        columns = (*owned, "created", "expires", "sites", "types")
        output.put_rich(output.table(columns, [_row(one) for one in known]))
    return 0


@group.command()
def revoke(
    number: Annotated[str, typer.Argument(metavar="NUMBER", help="As `cmdb token list` has it.")],
    store: session.StoreOption = None,
) -> int:
    """Make a token worthless at once."""
    with session.environment(store) as env:
        tokens.revoke_token(session.actor(), env, number)
    output.note(say("token {number} is revoked", number=number))
    return 0


def _row(one: dict[str, Any]) -> tuple[str, ...]:
    limits = (say("all") if one[n] is None else ", ".join(one[n]) for n in ("sites", "types"))
    expires = say("never") if one["expires_at"] is None else _time(one["expires_at"])
    source = one.get("source") or say("all")
    return (
        one["number"],
        one["name"],
        one["role"],
        one.get("user", ""),
        source,
        _time(one["created_at"]),
        expires,
        *limits,
    )


def _time(seconds: float) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
    except (ValueError, OverflowError):
        return say("never")  # after the year 9999
