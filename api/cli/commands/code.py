"""`cmdb code`: the next codes by the code rule of a type; whether those in use are right."""

from dataclasses import asdict
from typing import Annotated, Any

import typer

from api.cli import output, session
from api.cli.words import language, say
from api.messages import message
from cmdb.errors import WrongValue
from cmdb.schema.model import Catalog
from cmdb.services import codes
from cmdb.services.catalog import get_catalog

group = typer.Typer(help="Give the next codes of a type; check those in use.")

TypeName = Annotated[str, typer.Argument(metavar="TYPE", help="Name of the CI type.")]


@group.command()
def give(
    type_name: TypeName,
    values: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="An attribute that the code tells."),
    ] = None,
    count: Annotated[int, typer.Option(metavar="N", help="How many.")] = 1,
    reason: Annotated[str, typer.Option(help="Why; stands in the log.")] = "",
    store: session.StoreOption = None,
) -> int:
    """Print the next codes, one a line; they are never given again."""
    with session.environment(store) as env:
        known = _values(get_catalog(session.actor(), env), type_name, values or [])
        why = output.one_line(reason)
        given = codes.give_codes(session.actor(), env, type_name, known, count, reason=why)
    output.put("".join(f"{code}\n" for code in given))
    return 0


@group.command()
def show(
    type_name: TypeName,
    form: session.FormOption = session.Form.table,
    store: session.StoreOption = None,
) -> int:
    """Show the code rule of a type, and the last number of each counter."""
    with session.environment(store) as env:
        view = codes.show_rule(session.actor(), env, type_name)
    rule = view.rule
    if form is session.Form.json:
        data = {
            "pattern": rule.pattern,
            "attribute": rule.attribute,
            "per": rule.counted,
            "declared_by": view.declared_by,
            "counters": [asdict(one) for one in view.counters],
        }
        output.put_json(data, indent=True)
        return 0
    row = (rule.pattern, rule.attribute, ", ".join(rule.counted), view.declared_by)
    output.put_rich(output.table(("pattern", "attribute", "counts per", "declared by"), [row]))
    if view.counters:
        rows = [(one.name, str(one.last)) for one in view.counters]
        output.put_rich("", output.table(("counter", "last number"), rows))
    return 0


@group.command()
def check(
    type_name: Annotated[
        str | None, typer.Argument(metavar="TYPE", help="This type and those below; default: all.")
    ] = None,
    form: session.FormOption = session.Form.table,
    store: session.StoreOption = None,
) -> int:
    """Check the codes and names in use; exit code 1 when any is wrong."""
    with session.environment(store) as env:
        errors = codes.check_carried(session.actor(), env, type_name)
    if form is session.Form.json:
        output.put_json({"errors": [output.as_data(one) for one in errors]})
    else:
        lines = [output.one_line(message(one, language())) for one in errors]
        output.put("".join(f"{line}\n" for line in lines or [say("nothing found")]))
    return 1 if errors else 0


def _values(catalog: Catalog, type_name: str, given: list[str]) -> dict[str, Any]:
    """The values of attributes; text that is no whole number stays, for the service to refuse."""
    values: dict[str, Any] = {}
    declared = catalog.attributes.get(type_name, {})
    for one in given:
        name, sign, text = one.partition("=")
        if not sign:
            raise WrongValue(place="--set", name="it", value=repr(one), expected="NAME=VALUE")
        integer = name in declared and declared[name].kind == "integer"
        values[name] = int(text) if integer and text.isdecimal() and len(text) < 19 else text
    return values
