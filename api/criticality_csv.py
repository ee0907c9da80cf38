"""Answers about criticality as CSV, for spreadsheets."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

RANKING = ("key", "type", "name", "services_down", "services_degraded", "cis_down", "cis_degraded")
CUTS = ("size", "cis", "path")
FORMULA = ("=", "+", "-", "@", "\t", "\r")
HIDDEN = "(hidden)"


def ranking_csv(rows: Iterable[dict[str, Any]]) -> bytes:
    """The rows of a ranking; `hits` are the keys of the first services."""
    return _csv(
        (*RANKING, "hits"),
        (
            [
                *(row[name] for name in RANKING[:3]),
                *(row["services"].values()),
                *(row["cis"].values()),
                " ".join(one["key"] for one in row["hits"]),
            ]
            for row in rows
        ),
    )


def cuts_csv(found: dict[str, Any]) -> bytes:
    """The cut sets of a service."""
    return _csv(
        CUTS,
        (
            [
                len(one["cis"]),
                " + ".join(ci.get("key", HIDDEN) for ci in one["cis"]),
                " → ".join(ci if isinstance(ci, str) else HIDDEN for ci in one["path"]),
            ]
            for one in found["cut_sets"]
        ),
    )


def _csv(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """RFC 4180, with the mark by which spreadsheets know UTF-8, and no cell that is a formula."""
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(columns)
    writer.writerows([_cell(cell) for cell in row] for row in rows)
    return file.getvalue().encode("utf-8-sig", "replace")


def _cell(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
