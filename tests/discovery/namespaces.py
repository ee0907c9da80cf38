"""Machines of the tests: network namespaces, with real programs in them, joined by cables.

    with Namespace("alpha") as alpha, Namespace("beta") as beta:
        cable(alpha, "eth0", beta, "eth0")
        alpha.ip("addr add 10.1.1.1/24 dev eth0", "link set eth0 up")
        beta.ip("addr add 10.1.1.2/24 dev eth0", "link set eth0 up")
        beta.start("nginx", "-g", "daemon off;")
        with alpha.entered():          # this thread, and what it starts, is on alpha's network
            socket.create_connection(("10.1.1.2", 80))

A machine has network, processes, host name, /run and /sys of its own. It has no name on the real
machine, where nothing is changed. Its first process waits for the end of its input: when that
comes, also because the tests were killed, the kernel ends its processes and removes its network.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

CLONE_NEWNET = 0x40000000
END_SECONDS = 10.0
FIRST_PROCESS = """
hostname "$1"
mount -t sysfs sysfs /sys
mount -t tmpfs tmpfs /run
echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6
echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6
echo 0 2147483647 > /proc/sys/net/ipv4/ping_group_range
ip link set lo up
echo ready
exec cat
"""

_libc = ctypes.CDLL(None, use_errno=True)


class NamespaceError(RuntimeError):
    """A machine could not be made, or a command in it failed."""


class Program:
    """A program that runs in a machine until it is ended, or the machine is."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process

    @property
    def running(self) -> bool:
        """Whether it is there."""
        return self.process.poll() is None

    def end(self) -> None:
        """End it in order, and wait for that."""
        end(self.process)


class Namespace:
    """A machine with the network of its own. `close` it, or use it as a context manager."""

    def __init__(self, hostname: str) -> None:
        self.hostname = hostname
        self.programs: list[Program] = []
        flags = ("--fork", "--kill-child", "--pid", "--net", "--uts", "--mount", "--mount-proc")
        self._process = subprocess.Popen(
            ["unshare", *flags, "sh", "-e", "-c", FIRST_PROCESS, "sh", hostname],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        if self._pipe("stdout").readline() != b"ready\n":
            detail = self._pipe("stderr").read().decode(errors="replace")
            self.close()
            raise NamespaceError(f"no namespace for {hostname} (are you root?): {detail}")
        (self.pid,) = _children(self._process.pid)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End all that runs in it, and remove it with its interfaces."""
        if self._process.poll() is None:
            self._pipe("stdin").close()
            self._process.wait(END_SECONDS)
        for program in self.programs:
            program.process.wait(END_SECONDS)
        for name in ("stdout", "stderr"):
            self._pipe(name).close()

    def words(self, *words: str) -> list[str]:
        """The command that runs `words` in this machine."""
        return ["nsenter", f"--target={self.pid}", "--net", "--pid", "--uts", "--mount", *words]

    def run(self, *words: str, given: str = "") -> str:
        """What a command writes that runs in this machine; NamespaceError when it fails."""
        done = subprocess.run(self.words(*words), input=given, capture_output=True, text=True)
        if done.returncode:
            raise NamespaceError(f"{' '.join(words)} ended with {done.returncode}: {done.stderr}")
        return done.stdout

    def ip(self, *orders: str) -> None:
        """Several orders to `ip`, at once."""
        self.run("ip", "-batch", "-", given="\n".join(orders) + "\n")

    def start(
        self, *words: str, log: Path | None = None, environment: Mapping[str, str] | None = None
    ) -> Program:
        """Start a program that stays in the foreground; what it says goes to the log."""
        with (log or Path(os.devnull)).open("ab") as output:
            process = subprocess.Popen(
                self.words(*words),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                env={**os.environ, **(environment or {})},
            )
        self.programs.append(Program(process))
        return self.programs[-1]

    def open_process(self, *words: str, **how: Any) -> subprocess.Popen[bytes]:
        """A process in this machine whose pipes the caller uses, and which the caller awaits."""
        return subprocess.Popen(self.words(*words), start_new_session=True, **how)

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Put this thread, and the threads and programs it starts, on this machine's network."""
        thread = threading.get_native_id()
        back = os.open(f"/proc/self/task/{thread}/ns/net", os.O_RDONLY)
        try:
            there = os.open(f"/proc/{self.pid}/ns/net", os.O_RDONLY)
            try:
                _enter(there)
            finally:
                os.close(there)
            try:
                yield
            finally:
                _enter(back)
        finally:
            os.close(back)

    def _pipe(self, name: str) -> Any:
        return getattr(self._process, name)


def end(process: subprocess.Popen[bytes]) -> None:
    """End what `process` runs in a machine, in order, and wait for that."""
    if process.poll() is None:
        for child in _children(process.pid):
            os.kill(child, signal.SIGTERM)
        process.wait(END_SECONDS)


def cable(
    one: Namespace,
    name: str,
    other: Namespace,
    other_name: str,
    mac: str | None = None,
    other_mac: str | None = None,
) -> None:
    """Join two machines by a pair of interfaces, both still down."""
    first = ["name", name, *(["address", mac] if mac else []), "netns", str(one.pid)]
    second = ["name", other_name, *(["address", other_mac] if other_mac else [])]
    words = ["ip", "link", "add", *first, "type", "veth", "peer", *second, "netns", str(other.pid)]
    done = subprocess.run(words, capture_output=True, text=True)
    if done.returncode:
        raise NamespaceError(f"no cable {name}: {done.stderr}")


def bridge(switch: Namespace, name: str) -> None:
    """A bridge in a machine, without spanning tree, up; `link set PORT master NAME` adds a port."""
    switch.ip(f"link add {name} type bridge forward_delay 0 stp_state 0", f"link set {name} up")


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _enter(network: int) -> None:
    if _libc.setns(network, CLONE_NEWNET):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
