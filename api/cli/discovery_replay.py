"""`cmdb discover replay`: what an agent makes of a recording, as JSON lines."""

from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from api.cli import output
from api.cli.sources import STDIN
from cmdb.errors import CMDBError, Rejected
from cmdb.identity.observation import Observation, ObservedItem
from cmdb.schema.catalog import builtin_catalog
from discovery import readers

LEFT_OUT = frozenset({"exported", "place"})
ENDS = {"from_key": "from", "to_key": "to"}


def replay(
    paths: Annotated[
        list[str],
        typer.Argument(metavar="FILE...", help="Recordings, such as an .snmprec file or nmap XML."),
    ],
    agent: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Whose recordings (default: what they look like)."),
    ] = None,
) -> int:
    """Print the observations of recordings, one a line, in the form of `POST /observations`.

    No store is needed. What is wrong is told on stderr, and the exit code is then 1.
    """
    if agent is not None:
        readers.reader(agent, "--agent")
    wrong = 0
    for path in paths:
        place = "" if len(paths) == 1 else f"{Path(path).name}: "
        for found in _read(STDIN if path == "-" else path, agent):
            if isinstance(found, CMDBError):
                wrong += 1
                output.complain(_placed(found, place))
            else:
                output.put(line(found))
    return 1 if wrong else 0


def _read(path: str, agent: str | None) -> Iterator[Observation | CMDBError]:
    """All of a recording; what ends its reading is the last error."""
    try:
        name, document = readers.opened(path, agent, builtin_catalog())
        yield from readers.reader(name)(document)
    except Rejected as error:
        yield from error.errors
    except CMDBError as error:
        yield error


def _placed(error: CMDBError, place: str) -> CMDBError:
    if place and "place" in error.fields and place.strip(": ") not in error.fields["place"]:
        return type(error)(**{**error.fields, "place": f"{place}{error.fields['place']}"})
    return error


def line(seen: Observation) -> bytes:
    """An observation as a line of JSON: what it says, its names in order."""
    said: dict[str, Any] = {"kind": "item" if isinstance(seen, ObservedItem) else "relation"}
    for one in fields(seen):
        value = getattr(seen, one.name)
        if one.name not in LEFT_OUT and value is not None and value not in ("", {}, (), []):
            said[ENDS.get(one.name, one.name)] = value
    if seen.observed_at is not None:
        said["observed_at"] = datetime.fromtimestamp(seen.observed_at, UTC).isoformat()
    return orjson.dumps(said, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)
