"""SSH host keys: the strongest thing that a host tells a scan without a credential.

They are fetched by OpenSSH's `ssh-keyscan`, for nmap's own script waits in vain for servers that
have given up SHA-1.
"""

import base64
import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress

from discovery import runner
from discovery.agent import Context

SECONDS = "5"
LINE = re.compile(r"(?:\[([^\]]+)\]:\d+|(\S+)) (?:ssh|ecdsa)-\S+ (\S+)", re.ASCII)

Place = tuple[str, int]
"""An address and a port."""


def host_keys(places: Iterable[Place], context: Context) -> dict[Place, set[str]]:
    """The fingerprints of the keys at these places; those that tell none are left out.

    Raises ProgramMissing.
    """
    by_port: dict[int, list[str]] = defaultdict(list)
    for address, port in places:
        by_port[port].append(address)
    found: dict[Place, set[str]] = defaultdict(set)
    for port, addresses in sorted(by_port.items()):
        words = ["ssh-keyscan", "-T", SECONDS, "-p", str(port), "-f", "-"]
        targets = "".join(f"{address}\n" for address in addresses)
        said = b""
        with suppress(runner.ProgramFailed):  # as it does when nothing answered
            for chunk in runner.output(words, context, targets.encode(), " ".join(addresses)):
                said += chunk
        for line in said.decode(errors="replace").splitlines():
            match = LINE.fullmatch(line)
            if match is not None:
                with suppress(ValueError):
                    found[match[1] or match[2], port].add(fingerprint(match[3]))
    return found


def fingerprint(key: str) -> str:
    """The fingerprint of a key in base64, as OpenSSH shows it; ValueError when it is none."""
    digest = hashlib.sha256(base64.b64decode(key, validate=True)).digest()
    return f"SHA256:{base64.b64encode(digest).decode().rstrip('=')}"
