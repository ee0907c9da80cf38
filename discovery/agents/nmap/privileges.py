"""Whether nmap may send raw packets here: as root, or by capabilities."""

import os
from contextlib import suppress
from pathlib import Path

from cmdb.errors import CMDBError
from discovery import runner

NET_RAW = 1 << 13
STATUS = Path("/proc/self/status")


def privileged() -> bool:
    """Whether raw packets may be sent.

    Root may, unless a container has taken that away. Others may where their capabilities are
    handed on, where the program itself has some, or where NMAP_PRIVILEGED says so, as for nmap.
    """
    if "NMAP_PRIVILEGED" in os.environ:
        return True
    root = os.geteuid() == 0
    capabilities = _capabilities("CapEff" if root else "CapAmb")
    if capabilities is not None and capabilities & NET_RAW:
        return True
    return root if capabilities is None else _given_to_nmap()


def _capabilities(name: str) -> int | None:
    """A set of this process's capabilities; None where the system has none."""
    with suppress(OSError):
        for line in STATUS.read_text().splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1], 16)
    return None


def _given_to_nmap() -> bool:
    with suppress(OSError, AttributeError, CMDBError):
        return bool(os.getxattr(runner.found("nmap"), "security.capability"))
    return False
