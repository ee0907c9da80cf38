"""`cmdb explain`: who says what of a CI, since when, and why one of them is believed."""

from typing import Annotated

import typer

from api import identity
from api.cli import output, session
from api.cli.identity_view import explanation_parts
from cmdb.services.provenance import explain_item


def command(
    key: Annotated[
        str, typer.Argument(metavar="KEY", help="Key, alias, unique name or source:key.")
    ],
    form: session.FormOption = session.Form.table,
    store: session.StoreOption = None,
) -> int:
    """Show for every field of a CI who says what, since when, and why one of them wins."""
    with session.environment(store) as env:
        fields = identity.explanation(explain_item(session.actor(), env, key))
    if form is session.Form.json:
        output.put_json({"fields": fields})
    else:
        output.put_rich(*explanation_parts(fields))
    return 0
