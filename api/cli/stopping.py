"""Ending at Ctrl-C or SIGTERM, of which none is lost, however early it comes."""

import contextlib
import signal
import socket
from collections.abc import Callable, Iterator

NUMBERS = (signal.SIGINT, signal.SIGTERM)


@contextlib.contextmanager
def handled(act: Callable[[], None]) -> Iterator[None]:
    """Do something at each SIGINT and SIGTERM, instead of what was done before."""
    before = [signal.signal(number, lambda *_: act()) for number in NUMBERS]
    try:
        yield
    finally:
        for number, handler in zip(NUMBERS, before, strict=True):
            signal.signal(number, handler)


@contextlib.contextmanager
def signals() -> Iterator[Callable[[], None]]:
    """Keep SIGINT and SIGTERM from now on; gives what waits for the first of them.

    A handler that sets an event would hang where the signal interrupts that event's own `wait`. So
    the signals are written to a socket, by the interpreter itself, and read from there.
    """
    reading, writing = socket.socketpair()
    writing.setblocking(False)

    def wait() -> None:
        while reading.recv(1)[0] not in NUMBERS:
            pass

    with reading, writing:
        woken = signal.set_wakeup_fd(writing.fileno(), warn_on_full_buffer=False)
        try:
            with handled(lambda: None):
                yield wait
        finally:
            signal.set_wakeup_fd(woken)
