"""Asks a service by HTTP: within the scope, one origin, with limits, and nothing secret in the log.

A literal address must be in the scope's allow-list, where that has one, and is not denied. A name
is asked because the task says it, and the addresses it has are checked alike. Redirects are not
followed.
"""

import ipaddress
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import SplitResult, urlsplit

import httpx
import orjson

from cmdb.errors import InvalidInput, WrongValue, shown
from discovery.agent import Context, Secret
from discovery.asking import AskingFailed, NoCredential
from discovery.scope import Address, OutOfScope, Scope

MOST_BYTES = 256 * 1024 * 1024
TIMEOUT = 60.0
REFUSED = (401, 403)

Headers = Mapping[str, str]
Authorise = Callable[[Secret], Headers]
"""The headers by which a service knows who asks."""


def bearer(secret: Secret) -> Headers:
    """A token, or a user and password, as RFC 6750 and RFC 7617 have it."""
    if secret.kind == "basic":
        pair = httpx.BasicAuth(secret.values["user"], secret.values["password"])
        request = next(pair.auth_flow(httpx.Request("GET", "http://localhost")))
        return {"Authorization": request.headers["Authorization"]}
    return {"Authorization": f"Bearer {secret.values['token']}"}


def address_of(text: str, scope: Scope, place: str) -> SplitResult:
    """The URL of a service that may be asked; WrongValue or OutOfScope."""
    expected = "an http or https URL without user, query and fragment"
    try:
        url = urlsplit(text)
        good = url.scheme in ("http", "https") and bool(url.hostname) and url.port != 0
    except ValueError:
        good = False
    if not good or not text.isprintable() or " " in text or set("@?#\\") & set(text):
        raise WrongValue(place=place, name="'address'", value=shown(text), expected=expected)
    port = url.port or {"http": 80, "https": 443}[url.scheme]
    literal = _literal(url.hostname or "")
    outside = literal is not None and not _permitted(literal, scope)
    if outside or port in scope.forbidden_ports:
        raise OutOfScope(place=place, target=text)
    return url


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _permitted(address: Address, scope: Scope) -> bool:
    """Whether an address may be asked: an allow-list that is empty leaves it to the task."""
    if scope.allow:
        return scope.permits(address)
    return Scope((ipaddress.ip_network(address),), scope.deny).permits(address)


class Service:
    """One service that is asked: its address, and who asks, as far as it wants to know."""

    def __init__(
        self,
        address: str,
        context: Context,
        kinds: tuple[str, ...] = ("token", "basic"),
        authorise: Authorise = bearer,
        authority: str | None = None,
    ) -> None:
        self.address, self.context = address.rstrip("/"), context
        self.kinds, self.authorise = kinds, authorise
        self._url = address_of(address, context.scope, "address")
        self._check_names()
        try:
            self._client = httpx.Client(
                verify=ssl.create_default_context(cafile=authority),
                timeout=min(TIMEOUT, context.scope.host_timeout),
                trust_env=False,
            )
        except OSError:
            detail = "the file of option 'ca' cannot be read as certificates"
            raise InvalidInput(place="task", detail=detail) from None
        self._secret: Secret | None = None

    def _check_names(self) -> None:
        host = self._url.hostname or ""
        if _literal(host) is not None:
            return
        try:
            found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
        except OSError as error:
            raise AskingFailed(target=host, detail=error.strerror or "no such name") from None
        for address in {ipaddress.ip_address(str(one[4][0]).partition("%")[0]) for one in found}:
            if not _permitted(address, self.context.scope):
                raise OutOfScope(place="address", target=f"{host} ({address})")

    def close(self) -> None:
        """End its connections."""
        self._client.close()

    def json(self, path: str, missing: bool = False, **query: str | int) -> Any:
        """The JSON at a path; AskingFailed. With `missing` None where there is no such path."""
        tried: set[str] = set()
        while True:
            secret = self._next(tried)
            status, body = self._get(path, query, {} if secret is None else self.authorise(secret))
            if status in REFUSED and secret is not None:
                self.context.refused(secret, self.address)
                tried.add(secret.name)
                self._secret = None
                continue
            if secret is not None and self._secret is None:
                self.context.accepted(secret, self.address)
                self._secret = secret
            if status == 404 and missing:
                return None
            return self._read(path, status, body)

    def _next(self, tried: set[str]) -> Secret | None:
        """The credential to be tried; None where there is none at all."""
        if self._secret is not None:
            return self._secret
        left = self.context.secrets(self.address, self.kinds)
        found = next((one for one in left if one.name not in tried), None)
        if found is None and tried:
            raise NoCredential(target=self.address, kinds=" or ".join(self.kinds))
        return found

    def _get(
        self, path: str, query: Mapping[str, str | int], headers: Headers
    ) -> tuple[int, bytes]:
        url = httpx.URL(f"{self.address}/{path.lstrip('/')}").copy_merge_params(query)
        self.context.audit(f"GET {url}")
        body = bytearray()
        try:
            with self._client.stream(
                "GET", url, headers={"Accept": "application/json", **headers}
            ) as answer:
                for chunk in answer.iter_bytes():
                    body += chunk
                    if len(body) > MOST_BYTES:
                        detail = f"{path}: the answer is larger than {MOST_BYTES >> 20} MiB"
                        raise AskingFailed(target=self.address, detail=detail)
                    if self.context.stopped:
                        raise AskingFailed(target=self.address, detail="stopped")
                return answer.status_code, bytes(body)
        except httpx.HTTPError as error:
            detail = " ".join(str(error).split()) or type(error).__name__
            raise AskingFailed(target=self.address, detail=f"{path}: {detail}") from None

    def _read(self, path: str, status: int, body: bytes) -> Any:
        if status != 200:
            said = " ".join(body[:300].decode(errors="replace").split())
            detail = f"{path}: the answer is {status}: {said}"
            raise AskingFailed(target=self.address, detail=detail)
        try:
            return orjson.loads(body)
        except orjson.JSONDecodeError as error:
            detail = f"{path}: the answer is not JSON: {error}"
            raise AskingFailed(target=self.address, detail=detail) from None


@contextmanager
def asked(service: Service) -> Iterator[Service]:
    """The service while it is asked."""
    try:
        yield service
    finally:
        service.close()
