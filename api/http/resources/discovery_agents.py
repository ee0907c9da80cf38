"""Agents: the ways of discovery."""

from fastapi import Response

from api.discovery import agent_content
from api.http.calls import Caller
from api.http.models.common import Page
from api.http.models.discovery import AgentRow
from api.http.routing import READING, router_at
from discovery import jobs

router = router_at("/discovery/agents", "discovery")


@router.get("", summary="List agents", response_model=Page[AgentRow], responses=READING)
def list_agents(call: Caller) -> Response:
    """All agents that scan or ask, with what jobs can say to them."""
    rows = [agent_content(name, one) for name, one in jobs.list_agents(call.actor).items()]
    return call.answer({"items": rows, "next": None})
