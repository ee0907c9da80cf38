"""`cmdb source`: how far each source is trusted, and which one wins for what."""

from dataclasses import replace
from typing import Annotated, Any

import typer

from api import identity
from api.cli import output, session
from api.cli.words import say, told
from cmdb.errors import WrongValue
from cmdb.schema.sources import Precedence, Source, source_to_dict
from cmdb.services import sources
from cmdb.services.references import moved
from cmdb.services.tokens import duration

group = typer.Typer(help="List, declare, withdraw and reinstate sources; say which one wins.")

NONE = "none"
Name = Annotated[str, typer.Argument(metavar="NAME", help="Name of the source.")]


@group.command("list")
def list_(form: session.FormOption = session.Form.table, store: session.StoreOption = None) -> int:
    """Show the sources, the most trusted first, and the precedences."""
    with session.environment(store) as env:
        known = sources.get_sources(session.actor(), env)
    declared = sorted(known.declared.values(), key=lambda one: (-one.rank, one.name))
    preferred = sorted(known.precedences.values(), key=lambda one: one.name)
    if form is session.Form.json:
        output.put_json(
            {
                "sources": [identity.source(one) for one in declared],
                "precedences": [identity.precedence(one) for one in preferred],
            }
        )
    else:
        output.put_rich(*_tables(declared, preferred))
    return 0


@group.command("set")
def set_(
    name: Name,
    rank: Annotated[
        int | None, typer.Option(metavar="N", help="The greater rank wins; usual is 100.")
    ] = None,
    records: Annotated[
        bool | None,
        typer.Option(
            "--records/--sightings", help="Two of its keys are two things, or only sightings."
        ),
    ] = None,
    freshness: Annotated[
        str | None,
        typer.Option(
            metavar="SPAN", help="How long its word holds, such as 30d; 'none': as the type says."
        ),
    ] = None,
    fades: Annotated[
        str | None,
        typer.Option(
            metavar="SPAN", help="When its relations count no more, such as 90d; 'none': never."
        ),
    ] = None,
    may_erase: Annotated[
        bool | None,
        typer.Option("--may-erase/--may-not-erase", help="Whether its null is a value."),
    ] = None,
    description: Annotated[str | None, typer.Option(help="What it is.")] = None,
    store: session.StoreOption = None,
) -> int:
    """Declare a source, or change it: what is not given stays as it is."""
    given: dict[str, Any] = {
        "rank": rank,
        "records": records,
        "may_erase": may_erase,
        "description": description,
    }
    changes = {field: value for field, value in given.items() if value is not None}
    for field, text in (("freshness", freshness), ("fades", fades)):
        if text is not None:
            changes[field] = None if text == NONE else _seconds(text, f"--{field}")
    with session.environment(store) as env:
        actor = session.actor()
        known = sources.get_sources(actor, env)[name]
        sources.put_source(actor, env, source_to_dict(replace(known, **changes)))
    output.note(say("source {name} is declared", name=name))
    return 0


@group.command()
def withdraw(name: Name, store: session.StoreOption = None) -> int:
    """Let nothing that a source said count; what it had masked counts again."""
    with session.environment(store) as env:
        sources.withdraw_source(session.actor(), env, name)
    output.note(say("source {name} is withdrawn", name=name))
    return 0


@group.command()
def reinstate(name: Name, store: session.StoreOption = None) -> int:
    """Let what a withdrawn source said count again."""
    with session.environment(store) as env:
        sources.withdraw_source(session.actor(), env, name, withdrawn=False)
    output.note(say("source {name} counts again", name=name))
    return 0


@group.command()
def prefer(
    type_name: Annotated[str, typer.Argument(metavar="TYPE", help="This type and those below.")],
    attribute: Annotated[
        str, typer.Argument(metavar="ATTRIBUTE", help="An attribute, 'name', 'status', … or '*'.")
    ],
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="SOURCE...", help="Best first; none takes the precedence back."),
    ] = None,
    store: session.StoreOption = None,
) -> int:
    """Say which sources win for an attribute of a type."""
    data = {"type": type_name, "attribute": attribute, "sources": names or []}
    with session.environment(store) as env:
        made = sources.put_precedence(session.actor(), env, data)
    if made.sources:
        order = " > ".join(made.sources)
        output.note(say("for {name}: {order}", name=made.name, order=order))
    else:
        output.note(say("no source is preferred for {name}", name=made.name))
    return 0


def _seconds(text: str, option: str) -> int:
    try:
        return int(duration(text).total_seconds())
    except WrongValue as error:
        raise moved(error, option) from None


def _tables(declared: list[Source], preferred: list[Precedence]) -> list[Any]:
    columns = ("source", "rank", "keys", "freshness", "fades", "may erase", "status", "description")
    parts: list[Any] = [output.table(columns, [_row(one) for one in declared])]
    if preferred:
        rows = [(one.type, one.attribute, " > ".join(one.sources)) for one in preferred]
        parts += ["", output.table(("type", "attribute", "preferred"), rows)]
    return parts


def _row(one: Source) -> tuple[str, ...]:
    return (
        one.name,
        str(one.rank),
        say("records") if one.records else say("sightings"),
        say("as the type says") if one.freshness is None else _days(one.freshness),
        say("never") if one.fades is None else _days(one.fades),
        say("yes") if one.may_erase else "",
        say("withdrawn") if one.withdrawn else "",
        told(one.description),
    )


def _days(seconds: int) -> str:
    return say("{days} days", days=f"{seconds / 86400:g}")
