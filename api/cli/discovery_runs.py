"""Runs of discovery on the command line: start, follow, show and cancel them."""

import contextlib
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from api.cli import output, session
from api.cli.stopping import handled
from api.cli.words import say
from api.discovery import run_content
from discovery import runs
from discovery.runs import RunState, ShardState
from discovery.working import work

Run = Annotated[str, typer.Argument(metavar="RUN", help="As `runs` shows it.")]


def run(
    name: Annotated[str, typer.Argument(metavar="JOB", help="Name of the job.")],
    detached: Annotated[
        bool, typer.Option("--detached", help="Leave the work to the workers.")
    ] = False,
    form: session.FormOption = session.Form.table,
    store: session.StoreOption = None,
) -> int:
    """Run a job now and show what it found; exit code 1 when any shard failed."""
    actor = session.actor()
    with session.environment(store) as env:
        state = runs.start_run(actor, env, name, "by hand")
        output.note(say("run {run} has started", run=state.id))
        if detached:
            return 0
        with _stopping() as stop:
            work(actor, env, state.id, stop)
        if stop.is_set():
            runs.cancel_run(actor, env, state.id)
            work(actor, env, state.id)
            raise KeyboardInterrupt
        state, shards = runs.get_run(actor, env, state.id)
    _put(state, shards, form)
    return int(any(one.state == "failed" for one in shards))


@contextlib.contextmanager
def _stopping() -> Iterator[threading.Event]:
    """What is set when the user, or the system, wants to end it."""
    stop = threading.Event()
    with handled(stop.set):  # which this thread looks at, and never waits for
        yield stop


def list_runs(
    job: Annotated[str | None, typer.Option(metavar="JOB", help="Only those of this job.")] = None,
    form: session.FormOption = session.Form.table,
    store: session.StoreOption = None,
) -> int:
    """Show the runs, the latest first."""
    with session.environment(store) as env:
        found = runs.list_runs(session.actor(), env, job)
    if form is session.Form.json:
        output.put_json({"runs": [run_content(one, None) for one in found]})
    else:
        rows = [
            (
                one.id,
                say(one.state),
                _time(one.started),
                _time(one.ended),
                str(one.missing),
                one.why,
            )
            for one in found
        ]
        output.put_rich(output.table(("run", "state", "started", "ended", "missing", "why"), rows))
    return 0


def show(
    run: Run, form: session.FormOption = session.Form.table, store: session.StoreOption = None
) -> int:
    """Show a run: its shards, what they found, their errors and commands."""
    with session.environment(store) as env:
        state, shards = runs.get_run(session.actor(), env, run)
    _put(state, shards, form)
    return 0


def cancel(run: Run, store: session.StoreOption = None) -> int:
    """Let a run end; what it has found stays, and `cmdb run undo` takes it back."""
    with session.environment(store) as env:
        runs.cancel_run(session.actor(), env, run)
    output.note(say("run {run} is cancelled", run=run))
    return 0


def _put(state: RunState, shards: list[ShardState], form: session.Form) -> None:
    content = run_content(state, shards)
    if form is session.Form.json:
        output.put_json(content)
        return
    from rich.text import Text

    columns = ("shard", "state", "new", "changed", "unchanged", "conflicts", "errors", "packets")
    rows = [_row(one) for one in content["shards"]]
    parts: list[Any] = [output.table(columns, rows)]
    words = say("run {run}: {state}", run=state.id, state=say(state.state))
    parts.append(Text(f"{words}; {say('missing')}: {state.missing}"))
    if state.frozen:
        parts.append(Text(say("too much vanished at once: nothing was counted as missing")))
    parts += [
        Text(f"{shard.id}: {output.one_line(error)}") for shard in shards for error in shard.errors
    ]
    output.put_rich(*parts)


def _row(shard: dict[str, Any]) -> tuple[str, ...]:
    items = shard["items"]
    counts = [items.get(name, 0) for name in ("created", "changed", "unchanged", "conflicts")]
    numbers = [*counts, shard["error_count"], shard["packets"]]
    return (shard["id"], say(shard["state"]), *map(str, numbers))


def _time(at: float | None) -> str:
    return "" if at is None else f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M:%SZ}"
