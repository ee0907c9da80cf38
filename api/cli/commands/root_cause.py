"""`cmdb root-cause`: what most likely caused the symptoms, and which look tells more."""

from enum import StrEnum
from typing import Annotated

import typer

from api.cli import batch, output, session
from api.cli.root_cause_view import view
from api.cli.words import wrong
from cmdb.services.impact import FAILED_STATES
from cmdb.services.root_cause import MAX_LIMIT, Complaint, root_cause
from cmdb.services.times import parsed


class CauseForm(StrEnum):
    """Forms of the answer."""

    table = "table"
    json = "json"


def command(
    symptoms: Annotated[
        list[str] | None,
        typer.Option(
            "--symptom",
            metavar="KEY[=STATE][@TIME]",
            help="What is not well: key, alias, unique name or source:key; STATE is down, degraded"
            " or at_risk, TIME (ISO 8601) since when. May be given again.",
        ),
    ] = None,
    healthy: Annotated[
        list[str] | None,
        typer.Option(metavar="KEY", help="What is known to be well. May be given again."),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=MAX_LIMIT, help="Candidates shown.")] = 10,
    form: Annotated[
        CauseForm | None, typer.Option("--format", help="For people, or for programs.")
    ] = None,
    batch_file: Annotated[
        str | None,
        typer.Option(
            "--batch",
            metavar="FILE",
            help="A JSON request a line ('-': stdin), all on one snapshot.",
        ),
    ] = None,
    store: session.StoreOption = None,
) -> int:
    """Rank the likeliest causes of symptoms, and name the look that would tell most."""
    if batch_file is not None:
        if symptoms or healthy or form is CauseForm.table:
            raise wrong("--batch", "it takes no other option, and gives JSON")
        with session.environment(store) as env:
            return batch.answer_causes(env, session.actor(), batch_file)
    if not symptoms:
        raise wrong("--symptom", "name at least one --symptom, or give --batch FILE")
    with session.environment(store) as env:
        asked = [complaint(text) for text in symptoms]
        found = root_cause(session.actor(), env, asked, healthy or (), limit=limit).content()
    if form is CauseForm.json:
        output.put_json(found)
    else:
        output.put_rich(*view(found))
    return 0


def complaint(text: str) -> Complaint:
    """`KEY[=STATE][@TIME]`; a key may hold '=' and '@' itself: only what is known counts."""
    since = state = None
    reference, _, time = text.rpartition("@")
    if reference and parsed(time) is not None:
        text, since = reference, time
    reference, _, word = text.rpartition("=")
    if reference and word in FAILED_STATES:
        text, state = reference, word
    return Complaint(text, state, since)
