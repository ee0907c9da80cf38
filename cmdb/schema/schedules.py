"""Time zones and cron expressions as parts of forms."""

from datetime import UTC, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError
from pydantic import AfterValidator

FIELDS = 5


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        raise ValueError("a time zone such as Asia/Shanghai") from None
    return name


def _cron(expression: str) -> str:
    try:
        comes = next(CronSim(expression, datetime(2026, 1, 1, tzinfo=UTC)), None) is not None
    except CronSimError:
        comes = False
    if not comes or len(expression.split()) != FIELDS:  # six would have seconds
        raise ValueError("five fields of cron, such as '0 2 * * *', that come true at some time")
    return expression


Zone = Annotated[str, AfterValidator(_zone)]
Cron = Annotated[str, AfterValidator(_cron)]
