"""Quantities as Kubernetes writes them, such as 500m or 16Gi."""

import re
from typing import Any

FACTORS = {
    **{"": 1.0, "n": 1e-9, "u": 1e-6, "m": 1e-3},
    **{"k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18},
    **{f"{one}i": 1024.0**power for power, one in enumerate("KMGTPE", 1)},
}
_QUANTITY = re.compile(r"(\d+(?:\.\d+)?)([numkMGTPE]|[KMGTPE]i)?")


def number(value: Any) -> float | None:
    """A quantity as a number; None for what is none."""
    match = _QUANTITY.fullmatch(str(value)) if isinstance(value, str | int | float) else None
    return None if match is None else round(float(match[1]) * FACTORS[match[2] or ""], 6)


def mebibytes(value: Any) -> int | None:
    """A quantity of bytes, in MiB."""
    found = number(value)
    return None if found is None else round(found / 2**20)
