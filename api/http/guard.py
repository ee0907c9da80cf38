"""What stands before every request: the token, the language, headers, and the last resort."""

import base64
import logging
import re
import secrets

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.problems import CHALLENGE, InternalError, problem
from api.messages import TAGS, language_from_header
from cmdb.errors import CMDBError, Unauthenticated
from cmdb.services.actor import Actor
from cmdb.services.environment import Environment
from cmdb.services.tokens import authenticate

log = logging.getLogger("cmdb.http")

API = "/api"
BASIC = (f"{API}/v1/discovery/glpi",)
"""Paths that take a Basic login. Browsers send it unasked, so no other path does."""

SIGNED = re.compile(rf"{API}/v1/external-systems/[A-Za-z0-9][A-Za-z0-9_.-]*/events")
"""The one path that needs no token, for POST: the sender signs the body, which says more than a
token would: that the sender has said just this, and just now. The route checks it."""

BASIC_CHALLENGE = 'Basic realm="cmdb"'
DOCS = ("/docs", "/static-offline-docs")
SECURITY = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
API_POLICY = "default-src 'none'; frame-ancestors 'none'"
PAGE_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline';"
    " img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)


class Guard:
    """Everything below `/api` needs a token, whatever is mounted there, but what is signed.

    The token is looked at before the request is: nobody unknown can make us read a body.
    """

    def __init__(self, app: ASGIApp, env: Environment) -> None:
        self.app = app
        self.env = env

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        language = language_from_header(headers.get("accept-language"))
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        state = scope.setdefault("state", {})
        state["language"] = language
        started = False

        async def dressed(sent: Message) -> None:
            nonlocal started
            if sent["type"] == "http.response.start":
                started = True
                _dress(MutableHeaders(scope=sent), path, language)
            await send(sent)

        try:
            if below_api(path) and not is_signed(scope["method"], path):
                state["actor"] = await self._actor(headers.get("authorization"), path)
            await self.app(scope, receive, dressed)
        except Exception as error:
            if started:
                raise
            if not isinstance(error, CMDBError):
                error = _logged(scope["method"], path)
            extra = {}
            if isinstance(error, Unauthenticated):
                wrong = ', error="invalid_token"' if "authorization" in headers else ""
                before = f"{BASIC_CHALLENGE}, " if path in BASIC else ""
                extra["WWW-Authenticate"] = f"{before}{CHALLENGE}{wrong}"
            await problem(error, language, scope["path"], extra)(scope, receive, dressed)

    async def _actor(self, authorization: str | None, path: str) -> Actor:
        scheme, _, given = (authorization or "").partition(" ")
        token = given.strip() if scheme.lower() == "bearer" else ""
        if scheme.lower() == "basic" and path in BASIC:
            token = _password(given.strip())
        if not token:
            raise Unauthenticated(detail="no token was given")
        return await run_in_threadpool(authenticate, self.env, token)


def _password(credentials: str) -> str:
    """The password of a Basic login (RFC 7617); empty where it is none."""
    try:
        return base64.b64decode(credentials, validate=True).decode().partition(":")[2]
    except ValueError:
        return ""


def below_api(path: str) -> bool:
    """Whether a path needs a token."""
    return path == API or path.startswith(f"{API}/")


def is_signed(method: str, path: str) -> bool:
    """Whether a request shows by a signature, and not by a token, who sends it."""
    return method == "POST" and SIGNED.fullmatch(path) is not None


def _logged(method: str, path: str) -> CMDBError:
    reference = secrets.token_hex(4)
    log.exception("%s: %s %s failed", reference, method, path)
    return InternalError(reference=reference)


def _dress(headers: MutableHeaders, path: str, language: str) -> None:
    for name, value in SECURITY.items():
        headers.setdefault(name, value)
    docs = path.startswith(DOCS)
    headers.setdefault("Content-Security-Policy", PAGE_POLICY if docs else API_POLICY)
    headers.setdefault("Content-Language", TAGS[language])
    headers.add_vary_header("Accept-Language")
    if below_api(path):
        headers.add_vary_header("Authorization")
        headers.setdefault("Cache-Control", "private, no-cache")
