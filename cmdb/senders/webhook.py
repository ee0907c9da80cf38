"""Calls of webhooks by HTTP: signed, without redirects, within limits of time and size.

The name is looked up once, and what is called are the addresses that were checked. So a name cannot
lead to this machine itself, nor to where clouds keep the credentials of machines.
"""

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Mapping

import httpx

from cmdb.messages.signatures import signed
from cmdb.services.delivery import Call, RouteDown, Undeliverable
from cmdb.services.webhooks import is_loopback

STEP_SECONDS, WHOLE_SECONDS = 10.0, 30.0
MOST_ANSWER = 64 * 1024
MOST_SAID = 200
GONE = 410

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

METADATA = frozenset(map(ipaddress.ip_address, ("100.100.100.200", "fd00:ec2::254")))
"""Where clouds tell machines their credentials, beside the link-local addresses."""


class WebhookSender:
    """Calls webhooks; safe for many threads."""

    def __init__(self) -> None:
        self._tls = ssl.create_default_context()

    def __call__(self, call: Call) -> None:
        """Make a call; NotDelivered unless the answer is a success (2xx)."""
        asyncio.run(_called(call, self._tls))


async def _called(call: Call, tls: ssl.SSLContext) -> None:
    target = call.target.name
    headers = {
        **signed(call.secret, call.id, int(call.at), call.body),
        "Content-Type": "application/json",
        "User-Agent": "graph-cmdb",
    }
    try:
        async with asyncio.timeout(WHOLE_SECONDS):
            status, said = await _answered(httpx.URL(call.target.url), call.body, headers, tls)
    except TimeoutError:
        detail = f"it has not answered within {WHOLE_SECONDS:.0f} seconds"
        raise RouteDown(target=target, detail=detail) from None
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        detail = " ".join(str(error).split()) or type(error).__name__
        raise RouteDown(target=target, detail=detail) from None
    if 200 <= status < 300:
        return
    if status == GONE:  # Standard Webhooks: the receiver wants no more of this
        raise Undeliverable(target=target, detail=f"the answer is {status}")
    if 300 <= status < 400:
        raise RouteDown(target=target, detail=f"the answer is {status}; redirects are not followed")
    raise RouteDown(target=target, detail=f"the answer is {status}: {said}")


async def _answered(
    url: httpx.URL, body: bytes, headers: Mapping[str, str], tls: ssl.SSLContext
) -> tuple[int, str]:
    """The status and the beginning of the answer, from the first address that takes the call."""
    addresses = await _addresses(url)
    async with httpx.AsyncClient(verify=tls, timeout=STEP_SECONDS, trust_env=False) as client:
        for address in addresses:
            request = client.build_request(
                "POST",
                url.copy_with(host=str(address)),
                content=body,
                headers={**headers, "Host": url.netloc.decode("ascii")},
                extensions={"sni_hostname": url.host},
            )
            try:
                answer = await client.send(request, stream=True)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                if address == addresses[-1]:
                    raise
                continue
            return answer.status_code, await _beginning(answer)
    raise httpx.ConnectError("its name has no address that may be called")


async def _beginning(answer: httpx.Response) -> str:
    """The first words of an answer, of which no more than a limit is read."""
    read = bytearray()
    async for chunk in answer.aiter_raw():
        read += chunk
        if len(read) > MOST_ANSWER:
            break
    await answer.aclose()
    return " ".join(read[:MOST_SAID].decode("utf-8", "replace").split())


async def _addresses(url: httpx.URL) -> list[Address]:
    """The addresses of a host that may be called."""
    found = await asyncio.get_running_loop().getaddrinfo(url.host, None, type=socket.SOCK_STREAM)
    addresses = dict.fromkeys(ipaddress.ip_address(str(one[4][0])) for one in found)
    return [one for one in addresses if permitted(one, is_loopback(url.host))]


def permitted(address: Address, loopback: bool) -> bool:
    """Whether a webhook may have this address: this machine itself only where it says so."""
    plain = getattr(address, "ipv4_mapped", None) or address
    if plain.is_loopback or loopback:
        return loopback and plain.is_loopback
    if plain.is_link_local or plain.is_multicast or plain.is_unspecified or plain.is_reserved:
        return False
    return plain not in METADATA
