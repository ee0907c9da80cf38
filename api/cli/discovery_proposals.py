"""`cmdb discover proposals` and `confirm`: relations that were not seen often enough yet."""

from dataclasses import asdict
from typing import Annotated

import typer

from api.cli import output, session
from api.cli.identity_view import second
from api.cli.words import say
from cmdb.identity.observation import ObservedRelation
from cmdb.services.proposals import PROPOSING, list_proposals
from cmdb.services.relations import put_relation
from cmdb.services.times import iso


def proposals(
    source: Annotated[str, typer.Option(metavar="NAME", help="Whose proposals.")] = PROPOSING,
    form: session.FormOption = session.Form.table,
    store: session.StoreOption = None,
) -> int:
    """Show relations that a source is not sure enough of, the surest first."""
    with session.environment(store) as env:
        found = list_proposals(session.actor(), env, source)
    if form is session.Form.json:
        output.put_json({"proposals": [{**asdict(one), "at": iso(one.at)} for one in found]})
    else:
        rows = [
            (one.from_key, one.type, one.to_key, f"{one.certainty:.0%}", second(iso(one.at)))
            for one in found
        ]
        output.put_rich(output.table(("from", "type", "to", "certainty", "at"), rows))
    return 0


def confirm(
    from_key: Annotated[str, typer.Argument(metavar="FROM", help="As `proposals` shows it.")],
    relation: Annotated[str, typer.Argument(metavar="TYPE", help="Such as depends_on.")],
    to_key: Annotated[str, typer.Argument(metavar="TO", help="As `proposals` shows it.")],
    store: session.StoreOption = None,
) -> int:
    """Say by hand that a relation is there."""
    seen = ObservedRelation(from_key, relation, to_key, "confirm")
    with session.environment(store) as env:
        put_relation(session.actor(), env, seen)
    words = f"{from_key} {relation} {to_key}"
    output.note(say("{relation} is confirmed", relation=words))
    return 0
