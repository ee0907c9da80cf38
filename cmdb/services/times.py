"""Times as people write them: ISO 8601, UTC without a zone."""

from datetime import UTC, datetime

from cmdb.errors import WrongValue, shown

EXPECTED = "an ISO 8601 time such as 2026-12-01T22:00:00Z"


def parsed(text: str) -> float | None:
    """Seconds since 1970; None when it is no time."""
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    return when.timestamp()


def moment(value: object, place: str, name: str) -> float:
    """Seconds since 1970; WrongValue for what is no time of the years 1 to 9999."""
    at = parsed(value) if isinstance(value, str) else None
    try:
        if at is not None:
            iso(at)
            return at
    except (ValueError, OverflowError, OSError):
        pass
    raise WrongValue(place=place, name=f"'{name}'", value=shown(value), expected=EXPECTED)


def iso(at: float) -> str:
    """ISO 8601 in UTC."""
    return datetime.fromtimestamp(at, UTC).isoformat()
