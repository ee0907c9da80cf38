"""GLPI Agent: the protocol it speaks with a GLPI 10 server, so that it can be pointed here.

The agent sends JSON, packed with zlib (RFC 1950) or gzip (RFC 1952) or plain: first `contact`,
which is answered with what it shall do and how soon to come again, then an `inventory`. It shows
the `message` of an answer that is an error. To a server it does not know it says PROLOG, in XML;
with its id in a header it lets the server answer as to `contact`, and speaks JSON from then on.
"""

import zlib
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Request, Response, Security
from fastapi.security import HTTPBasic, HTTPBasicCredentials
from starlette.concurrency import run_in_threadpool

from api.http.calls import Call, Caller
from api.http.models.glpi import AgentAnswer
from api.http.problems import BodyTooLarge, UnsupportedMediaType, problem
from api.http.routing import ASKING, MAX_LARGE_BODY, MIB, bounded_body
from api.messages import message
from cmdb.errors import CMDBError, Rejected, UnreadableInput, WrongValue, shown
from cmdb.services.observing import observe, source_of
from discovery.agents import glpi

router = APIRouter(prefix="/discovery/glpi", tags=["discovery"])

MAX_UNPACKED = 64 * MIB
HOURS = 24
"""How long an agent waits before it comes again."""

TASKS = {"inventory": {"server": "glpi", "version": "10.0.0"}}
"""What agents shall do, with the version of the inventory format."""

INVENTORIES = ("inventory", "netinventory", "netdiscovery")
SHOWN = 10
"""Errors of an inventory that the answer tells."""

PROLOG = b"<QUERY>PROLOG</QUERY>"
AGENT_ID = "glpi-agent-id"
"""Header by which an agent shows that it knows this protocol."""

PACKED = ("application/x-compress-zlib", "application/x-compress-gzip", "application/x-compress")
PLAIN = ("application/json", "application/xml", "text/xml")

basic = HTTPBasic(auto_error=False, description="Any user name; the token is the password.")


class UnpackedTooLarge(BodyTooLarge):
    """A packed body that unpacks to more than the limit."""

    template = (
        "the body unpacks to more than {limit} MiB; let the agent say less with 'no-category'"
    )


class OldAgent(UnsupportedMediaType):
    """A message of the XML protocol."""

    template = (
        "this is an XML message of an old agent; use GLPI Agent 1.0 or later, with the address of"
        " this server as its 'server'"
    )


@router.post(
    "",
    summary="Talk with GLPI Agent",
    response_model=AgentAnswer,
    responses=ASKING,
    openapi_extra={
        "requestBody": {
            "required": True,
            "description": "A message of the agent, plain or packed, at most 32 MiB.",
            "content": {
                kind: {"schema": {"type": "object", "description": "A message of the agent."}}
                for kind in ("application/json", *PACKED[:2])
            },
        }
    },
)
async def talk(
    request: Request,
    call: Caller,
    credentials: Annotated[HTTPBasicCredentials | None, Security(basic)],
) -> Response:
    """Point GLPI Agent here: `server = https://…/api/v1/discovery/glpi`, `password = TOKEN`.

    The token is best one of the role collector that is good for one source; that source's
    observations are what the inventories say. Without a source in the token it is `glpi`.
    """
    headers = {}
    if (number := request.headers.get("glpi-request-id")) is not None and number.isalnum():
        headers["GLPI-Request-ID"] = number
    try:
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind not in (*PACKED, *PLAIN):
            raise UnsupportedMediaType(given=kind or "of no type")
        body = await bounded_body(request, MAX_LARGE_BODY)
        answer = await run_in_threadpool(_answer, call, body, kind)
    except CMDBError as error:
        return _refused(error, request, headers)
    return call.answer(answer, headers=headers)


def _answer(call: Call, body: bytes, kind: str) -> dict[str, Any]:
    """What to say to a message."""
    source = source_of(call.actor, glpi.NAME)  # whoever may not observe is told at once
    data = _unpacked(body) if kind in PACKED else body
    prolog = PROLOG in data and AGENT_ID in call.request.headers
    said = {"action": "contact"} if prolog else _message(data)
    action = said.get("action", "inventory")
    if action == "contact":
        return {"status": "ok", "expiration": HOURS, "tasks": TASKS}
    if action == "get_params":
        return {"status": "ok", "credentials": []}
    if action not in INVENTORIES:
        expected = f"one of contact, get_params, {', '.join(INVENTORIES)}"
        raise WrongValue(place="body", name="'action'", value=shown(action), expected=expected)
    return _taken_in(call, said, source)


def _taken_in(call: Call, inventory: dict[str, Any], source: str) -> dict[str, Any]:
    """Take in an inventory; what is no inventory at all is refused."""
    observations = list(glpi.parse(inventory))
    if observations and all(isinstance(one, CMDBError) for one in observations):
        raise Rejected([one for one in observations if isinstance(one, CMDBError)])
    reason = f"inventory of source {source}"
    report = observe(
        call.actor, call.env, observations, source=source, reason=reason, like=glpi.NAME
    )
    answer: dict[str, Any] = {"status": "ok", "expiration": HOURS}
    if report.errors:
        told = [message(one, call.request.state.language) for one in report.errors[:SHOWN]]
        more = [f"… {len(report.errors) - SHOWN}"] if len(report.errors) > SHOWN else []
        answer["message"] = "; ".join((*told, *more))
    return answer


def _unpacked(body: bytes) -> bytes:
    """What zlib or gzip packed, up to the limit."""
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 32)  # 32: either, as the header says
    try:
        data = unpacker.decompress(body, MAX_UNPACKED + 1)
    except zlib.error:
        raise UnreadableInput(
            place="body", detail="it is neither zlib nor gzip, as its Content-Type says"
        ) from None
    if len(data) > MAX_UNPACKED:
        raise UnpackedTooLarge(limit=MAX_UNPACKED // MIB)
    if not unpacker.eof:
        raise UnreadableInput(place="body", detail="it ends in the middle; send it again in full")
    return data


def _message(data: bytes) -> dict[str, Any]:
    if data.lstrip().startswith(b"<"):
        raise OldAgent()
    try:
        said = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        detail = f"it is not JSON: {error.msg}"
        raise UnreadableInput(place="body", detail=detail) from None
    if not isinstance(said, dict):
        raise WrongValue(place="body", name="it", value=shown(said), expected="an object")
    return said


def _refused(error: CMDBError, request: Request, headers: dict[str, str]) -> Response:
    """The problem, with its words where the agent looks for them."""
    refused = problem(error, request.state.language, request.url.path, headers)
    body = orjson.loads(bytes(refused.body))
    refused.body = orjson.dumps({**body, "message": body["detail"]})
    refused.headers["Content-Length"] = str(len(refused.body))
    return refused
