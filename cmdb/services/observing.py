"""What programs send: observations of one source; answers are kept for repeated requests."""

from collections.abc import Iterable
from typing import Any

from cmdb.errors import CMDBError, InvalidInput, WrongValue, shown
from cmdb.history.log import Commit
from cmdb.identity.changes import Change, ChangeSet, Document
from cmdb.identity.claims import MANUAL
from cmdb.identity.observation import Observation
from cmdb.schema.sources import MAX_NAME, check_source_name
from cmdb.services.actor import Actor, Permission, authorised
from cmdb.services.environment import Environment
from cmdb.services.ingest import ingest_parts
from cmdb.services.ports import Receipt, Signature
from cmdb.services.run_report import IngestReport

ANSWER = "answer"


@authorised(Permission.OBSERVE)
def observe(
    actor: Actor,
    env: Environment,
    observations: Iterable[Observation | CMDBError],
    *,
    source: str,
    reason: str,
    run: str | None = None,
    dry_run: bool = False,
    like: str | None = None,
) -> IngestReport:
    """Take in what a source saw; relations wait for ends that nobody knows yet.

    A source that nobody declared is declared to be `like` a built-in one, such as what its keys
    mean.
    """
    check_source(source, "source")
    if run is not None:
        _check_run(run)
    return ingest_parts(
        actor,
        env,
        [observations],
        source=source,
        reason=reason,
        run=run,
        like=like,
        waiting=True,
        dry_run=dry_run,
    )


@authorised(Permission.OBSERVE)
def source_of(actor: Actor, default: str) -> str:
    """The source the actor speaks for: its own, or else the default."""
    return default if actor.source is None else actor.source


def check_source(source: str, place: str) -> None:
    """Refuse what is no name of a source; no program may speak for what people enter."""
    check_source_name(source, place)
    if source == MANUAL:
        detail = f"'{MANUAL}' is what people enter by hand; give the program a name of its own"
        raise InvalidInput(place=place, detail=detail)


def _check_run(run: str) -> None:
    if not run.strip() or not run.isprintable() or len(run) > MAX_NAME:
        expected = f"1 to {MAX_NAME} printable characters"
        raise WrongValue(place="run", name="it", value=shown(run), expected=expected)


@authorised(Permission.OBSERVE)
def keep_answer(
    actor: Actor, env: Environment, answer: dict[str, Any], receipt: Receipt, run: str
) -> None:
    """Keep the answer to a request, to give it again; Conflict when there is one already."""
    document = Document(ANSWER, f"{actor.name}:{receipt.key}", answer)
    signature = Signature(actor.name, env.clock(), "answered a request", run, receipt)
    env.store.commit(ChangeSet(documents=[Change(None, document)]), signature)


def kept_answer(commit: Commit) -> dict[str, Any]:
    """The answer that a commit kept."""
    return next(entry.after for entry in commit.entries if entry.after is not None)
