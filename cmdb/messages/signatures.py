"""Signatures of webhooks as the Standard Webhooks specification has them, version v1.

HMAC-SHA256 of `ID.TIMESTAMP.BODY`, in the headers `webhook-id`, `webhook-timestamp` and
`webhook-signature`. A secret is `whsec_` and 24 to 64 bytes in Base64.
"""

import base64
import binascii
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from cmdb.errors import CMDBError, WrongValue

PREFIX = "whsec_"
VERSION = "v1"
LEAST_BYTES, MOST_BYTES = 24, 64
TOLERANCE = 300
"""Seconds by which the clocks of sender and receiver may differ."""

MOST_ID = 256


class BadSignature(CMDBError):
    """What came is not signed by who has the secret, or not now."""

    template = "the signature of the webhook is not valid: {detail}"


@dataclass(frozen=True, slots=True)
class Verified:
    """What is known of a call with a good signature.

    The same call may come again, as it is repeated until it is answered: whoever must not do a
    thing twice remembers `id`, at least until `forget_after` (seconds since 1970); up to then the
    signature of a copy would be good.
    """

    id: str
    timestamp: int
    forget_after: int


def new_secret() -> str:
    """A new random secret."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def secret_key(secret: str) -> bytes:
    """The bytes of a secret; WrongValue, which does not show it."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not LEAST_BYTES <= len(key) <= MOST_BYTES:
        expected = "'whsec_' and 24 to 64 bytes in Base64"
        raise WrongValue(
            place="webhook", name="'secret'", value="something else", expected=expected
        )
    return key


def signed(secret: str, number: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The headers of a call that is sent at a time."""
    signature = _signature(secret_key(secret), number, str(timestamp), body)
    return {
        "webhook-id": number,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"{VERSION},{signature.decode()}",
    }


def verify(
    secret: str,
    headers: Mapping[str, str],
    body: bytes,
    now: float,
    tolerance: int = TOLERANCE,
) -> Verified:
    """What is known of a call that somebody with the secret has signed lately; BadSignature.

    `body` are the bytes as they came. The names of headers may be written in any case.
    """
    number, stamp, signatures = claimed(headers, now, tolerance)
    right = _signature(secret_key(secret), number, stamp, body)
    matches = [
        hmac.compare_digest(right, text.encode("utf-8", "replace"))
        for version, _, text in (one.partition(",") for one in signatures.split(" "))
        if version == VERSION
    ]
    if not any(matches):
        raise BadSignature(detail="no signature fits the secret and the body")
    return Verified(number, int(stamp), int(stamp) + tolerance)


def claimed(
    headers: Mapping[str, str], now: float, tolerance: int = TOLERANCE
) -> tuple[str, str, str]:
    """The id, time and signatures that a call has in its headers; BadSignature.

    It tells what is no good before the body is read.
    """
    given = {name.lower(): value for name, value in headers.items()}
    number = given.get("webhook-id", "")
    stamp = given.get("webhook-timestamp", "")
    signatures = given.get("webhook-signature", "")
    if not (number and stamp and signatures):
        raise BadSignature(detail="a header webhook-id, -timestamp or -signature is missing")
    if len(number) > MOST_ID:
        raise BadSignature(detail="the webhook-id is too long")
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) < 16):
        raise BadSignature(detail="the webhook-timestamp is no whole number of seconds")
    if abs(now - int(stamp)) > tolerance:
        raise BadSignature(detail="it was signed too long ago, or the clocks differ")
    return number, stamp, signatures


def _signature(key: bytes, number: str, timestamp: str, body: bytes) -> bytes:
    content = f"{number}.{timestamp}.".encode("utf-8", "replace") + body
    return base64.b64encode(hmac.digest(key, content, "sha256"))
