"""Whether the service is alive, and ready."""

from typing import Any, Literal

from fastapi import Request
from pydantic import Field

from api.http.models.common import Shown
from api.http.routing import problems, router_at

OPEN = True
router = router_at("", "health")


class Alive(Shown):
    """The process is alive."""

    status: Literal["alive"] = Field(description="Always the same.")


class Ready(Shown):
    """The store answers, and the snapshot is there."""

    status: Literal["ready"] = Field(description="Always the same; otherwise a problem.")
    seq: int = Field(description="Number of the last commit.")


@router.get("/healthz", summary="Is the process alive?", response_model=Alive)
async def alive() -> dict[str, Any]:
    """Always yes: who gets no answer may restart the process."""
    return {"status": "alive"}


@router.get(
    "/readyz", summary="Can it answer questions?", response_model=Ready, responses=problems(503)
)
def ready(request: Request) -> dict[str, Any]:
    """Yes when the store answers and the snapshot is built; 503 otherwise."""
    return {"status": "ready", "seq": request.app.state.env.snapshot().seq}
