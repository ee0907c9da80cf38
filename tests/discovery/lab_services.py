"""The programs of the lab: how each is configured and started, and when it is ready.

Each keeps its files in a folder of its host, so that keys and data outlive a restart, as on a disk.
"""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.discovery.namespaces import Namespace, NamespaceError, Program

READY_SECONDS = 20.0
PAUSE_SECONDS = 0.02
COMMUNITY = "lab-public"
AGENTX = "tcp:127.0.0.1:705"
USER, AUTHENTICATION, PRIVACY = "lab-user", "lab-authentication", "lab-privacy"
"""The SNMPv3 user (SHA, AES) and its secrets."""

SYSTEM_NAME = (1, 3, 6, 1, 2, 1, 1, 5, 0)
LLDP_SYSTEM_NAME = (1, 0, 8802, 1, 1, 2, 1, 3, 3, 0)
UNPRIVILEGED = ("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups")


@dataclass(frozen=True)
class Service:
    """A program of a host, and where it is found from outside; `port` None: it does not listen."""

    product: str
    port: int | None
    protocol: str
    asked: tuple[str, ...]
    words: Callable[[Path], tuple[str, ...]]
    ready: Callable[[Path], bool]

    @property
    def version(self) -> str:
        """The version that is installed, as the program itself says."""
        return _version(self.asked)


@cache
def _version(words: tuple[str, ...]) -> str:
    done = subprocess.run(words, capture_output=True, text=True)
    found = re.search(r"\d+(\.\d+)+", done.stdout + done.stderr)
    if found is None:
        raise NamespaceError(f"{' '.join(words)} does not tell its version")
    return found[0]


def start(name: str, host: Namespace, folder: Path) -> Program:
    """Start a service; it may not be ready yet."""
    folder.mkdir(exist_ok=True)
    return host.start(*SERVICES[name].words(folder), log=folder / "log")


def await_ready(name: str, host: Namespace, folder: Path, program: Program) -> None:
    """Return when a service answers; NamespaceError with its log when it does not."""

    def ready() -> bool:
        if not program.running:
            raise NamespaceError(f"{name} of {host.hostname} ended: {_end_of(folder / 'log')}")
        return SERVICES[name].ready(folder)

    with host.entered():
        if not awaited(ready):
            raise NamespaceError(f"{name} of {host.hostname} is silent: {_end_of(folder / 'log')}")


def awaited(ready: Callable[[], bool], seconds: float = READY_SECONDS) -> bool:
    """Whether something becomes true in time."""
    deadline = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > deadline:
            return False
        time.sleep(PAUSE_SECONDS)
    return True


def _end_of(log: Path) -> str:
    return log.read_text(errors="replace")[-2000:]


def _connects(port: int) -> Callable[[Path], bool]:
    def connects(folder: Path) -> bool:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            return False
        return True

    return connects


# --- dropbear, nginx, Redis


def _dropbear(folder: Path) -> tuple[str, ...]:
    key = folder / "key"
    if not key.exists():
        subprocess.run(["dropbearkey", "-t", "ed25519", "-f", key], check=True, capture_output=True)
    return ("dropbear", "-F", "-E", "-r", str(key), "-p", "22", "-P", "/run/dropbear.pid")


def host_key(folder: Path) -> str:
    """The public SSH key of the host whose dropbear has this folder: its kind and its value."""
    words = ["dropbearkey", "-y", "-f", str(folder / "key")]
    done = subprocess.run(words, check=True, capture_output=True, text=True)
    (line,) = (one for one in done.stdout.splitlines() if one.startswith("ssh-"))
    return " ".join(line.split()[:2])


def _nginx(folder: Path) -> tuple[str, ...]:
    stores = "".join(
        f"  {kind}_temp_path {folder}/{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(f"""daemon off;
user nobody nogroup;
worker_processes 1;
pid /run/nginx.pid;
error_log stderr;
events {{ worker_connections 64; }}
http {{
  access_log off;
{stores}  server {{ listen 80; location / {{ return 200 "a page of the lab\\n"; }} }}
}}
""")
    return ("nginx", "-c", str(folder / "nginx.conf"), "-e", "stderr")


def _redis(folder: Path) -> tuple[str, ...]:
    _give(folder)
    return (
        *UNPRIVILEGED,
        *("redis-server", "--port", "6379", "--bind", "0.0.0.0", "--protected-mode", "no"),
        *("--dir", str(folder), "--save", "", "--appendonly", "no"),
    )


# --- PostgreSQL


def _postgres(folder: Path) -> tuple[str, ...]:
    data = folder / "data"
    if not data.exists():
        _give(folder)
        how = ("--no-sync", "--no-locale", "-E", "UTF8", "-U", "postgres", "-A", "scram-sha-256")
        password = folder / "password"
        password.write_text("lab-secret\n")
        words = (*UNPRIVILEGED, postgres_program("initdb"), "-D", str(data), *how)
        subprocess.run([*words, f"--pwfile={password}"], check=True, capture_output=True)
        with (data / "pg_hba.conf").open("a") as rules:
            rules.write("host all all all scram-sha-256\n")
    settings = {
        "listen_addresses": "*",
        "unix_socket_directories": str(folder),
        "shared_buffers": "1MB",
        "max_connections": "10",
        "fsync": "off",
        "autovacuum": "off",
        "huge_pages": "off",
    }
    options = (word for name, value in settings.items() for word in ("-c", f"{name}={value}"))
    return (*UNPRIVILEGED, postgres_program("postgres"), "-D", str(data), *options)


def _postgres_ready(folder: Path) -> bool:
    words = [postgres_program("pg_isready"), "-q", "-h", "127.0.0.1"]
    return subprocess.run(words).returncode == 0


@cache
def postgres_program(name: str) -> str:
    """The path of a program of PostgreSQL, of the newest that is installed."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return str(found[-1]) if found else name


# --- SNMP and LLDP


def _snmpd(folder: Path) -> tuple[str, ...]:
    (folder / "snmpd.conf").write_text(f"""rocommunity {COMMUNITY}
createUser {USER} SHA "{AUTHENTICATION}" AES "{PRIVACY}"
rouser {USER} priv
sysLocation room 1
sysContact operations
master agentx
agentXSocket {AGENTX}
interface_replace_old yes
[snmp] persistentDir {folder}/state
""")
    return (
        *("snmpd", "-f", "-Lo", "-C", "-c", str(folder / "snmpd.conf"), "-p", "/run/snmpd.pid"),
        "udp:161",
    )


def _lldpd(folder: Path) -> tuple[str, ...]:
    (folder / "lldpd.conf").write_text("configure lldp tx-interval 1\n")
    return (
        *("sh", "-c", 'mkdir -p /run/lldpd && exec "$@"', "sh"),
        *("lldpd", "-d", "-C", "eth0", "-x", "-X", AGENTX, "-O", str(folder / "lldpd.conf")),
    )


def _tells(oid: tuple[int, ...]) -> Callable[[Path], bool]:
    return lambda folder: snmp_text("127.0.0.1", oid) is not None


def snmp_text(address: str, oid: tuple[int, ...]) -> str | None:
    """A short text that an SNMP agent tells; None without an answer that has one."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(0.5)
        client.connect((address, 161))
        try:
            client.send(_get(oid))
            _, found, text = client.recv(1500).partition(_tagged(6, _packed(oid)) + b"\x04")
        except OSError:
            return None
    return text[1 : 1 + text[0]].decode() if found else None


def _get(oid: tuple[int, ...]) -> bytes:
    """An SNMPv2c request for one value."""
    binding = _tagged(0x30, _tagged(0x30, _tagged(6, _packed(oid)), _tagged(5)))
    wanted = _tagged(0xA0, *(_tagged(2, bytes([number])) for number in (1, 0, 0)), binding)
    return _tagged(0x30, _tagged(2, b"\x01"), _tagged(4, COMMUNITY.encode()), wanted)


def _packed(oid: tuple[int, ...]) -> bytes:
    packed = bytearray([oid[0] * 40 + oid[1]])
    for number in oid[2:]:
        parts = [number & 0x7F]
        while number := number >> 7:
            parts.append(0x80 | number & 0x7F)
        packed += bytes(reversed(parts))
    return bytes(packed)


def _tagged(tag: int, *parts: bytes) -> bytes:
    content = b"".join(parts)
    return bytes([tag, len(content)]) + content


def _give(folder: Path) -> None:
    shutil.chown(folder, "nobody", "nogroup")


SERVICES = {
    "dropbear": Service("Dropbear", 22, "tcp", ("dropbear", "-V"), _dropbear, _connects(22)),
    "nginx": Service("nginx", 80, "tcp", ("nginx", "-v"), _nginx, _connects(80)),
    "postgres": Service(
        *("PostgreSQL", 5432, "tcp"),
        (postgres_program("postgres"), "--version"),
        _postgres,
        _postgres_ready,
    ),
    "redis": Service("Redis", 6379, "tcp", ("redis-server", "-v"), _redis, _connects(6379)),
    "snmpd": Service("Net-SNMP", 161, "udp", ("snmpd", "-v"), _snmpd, _tells(SYSTEM_NAME)),
    "lldpd": Service("lldpd", None, "lldp", ("lldpd", "-v"), _lldpd, _tells(LLDP_SYSTEM_NAME)),
}
