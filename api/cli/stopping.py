"""Waiting for Ctrl-C or SIGTERM, of which none is lost, however early it comes.

A handler that sets an event would hang where the signal interrupts that event's own `wait`. So the
signals are written to a socket, by the interpreter itself, and read from there.
"""

import contextlib
import signal
import socket
from collections.abc import Callable, Iterator


@contextlib.contextmanager
def signals() -> Iterator[Callable[[], None]]:
    """Keep SIGINT and SIGTERM from now on; gives what waits for the first of them."""
    reading, writing = socket.socketpair()
    writing.setblocking(False)
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, lambda *_: None) for number in numbers]
    woken = signal.set_wakeup_fd(writing.fileno(), warn_on_full_buffer=False)

    def wait() -> None:
        while reading.recv(1)[0] not in numbers:
            pass

    try:
        yield wait
    finally:
        signal.set_wakeup_fd(woken)
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
        reading.close()
        writing.close()
