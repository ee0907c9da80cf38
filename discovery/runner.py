"""Starts programs safely: fixed arguments, no shell, a process group of their own, a way to stop.

No text of users reaches a command line. Targets go in by standard input, as literals.
"""

import os
import selectors
import shutil
import signal
import subprocess
from collections.abc import Generator, Iterator, Sequence
from contextlib import suppress

from cmdb.errors import CMDBError
from discovery.agent import Context

POLL_SECONDS, PATIENCE = 0.1, 1.0
CHUNK = 65_536
MOST_ERROR_TEXT = 4_000


class ProgramMissing(CMDBError):
    """A program that an agent needs is not installed."""

    template = "'{program}' is not installed; install it where discovery runs, and run again"


class ProgramFailed(CMDBError):
    """A program ended with an error."""

    template = "'{program}' ended with {code}: {detail}"


def found(program: str) -> str:
    """The absolute path of a program; ProgramMissing when there is none."""
    path = shutil.which(program)
    if path is None:
        raise ProgramMissing(program=program)
    return path


def output(
    words: Sequence[str],
    context: Context,
    stdin: bytes = b"",
    subject: str = "",
    environment: dict[str, str] | None = None,
) -> Generator[bytes, None, None]:
    """What a program writes, as it comes, to its end or until it is to stop.

    When it is to stop the whole process group is ended, and what it had written comes all the same.
    It does not outlive the thread that started it, where the system can see to that. The audit is
    told the words, and the `subject` that goes in by standard input. Raises ProgramMissing,
    ProgramFailed.
    """
    path = found(words[0])
    context.audit(f"{' '.join(words)}: {subject}" if subject else " ".join(words))
    process = subprocess.Popen(
        [*_tied(), path, *words[1:]],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        env={"PATH": os.defpath, "LC_ALL": "C", **(environment or {})},
        cwd="/",
    )
    try:
        yield from _read(process, words[0], context, stdin)
    finally:
        stop(process)


def _tied() -> list[str]:
    """What ends a program with the thread that started it: without this, one that ignores closed
    pipes, as nmap does, would go on after a crash.
    """
    setpriv = shutil.which("setpriv")
    return [] if setpriv is None else [setpriv, "--pdeathsig", "KILL"]


def _read(
    process: "subprocess.Popen[bytes]", name: str, context: Context, stdin: bytes
) -> Iterator[bytes]:
    if process.stdin is None or process.stdout is None or process.stderr is None:
        raise ValueError("the process has no pipes")
    errors = b""
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        selector.register(process.stderr, selectors.EVENT_READ)
        rest = memoryview(stdin)
        if rest:
            os.set_blocking(process.stdin.fileno(), False)
            selector.register(process.stdin, selectors.EVENT_WRITE)
        else:
            process.stdin.close()
        open_pipes = 2
        while open_pipes and not context.stopped:
            for key, _ in selector.select(POLL_SECONDS):
                if key.fileobj is process.stdin:
                    rest = _fed(key.fd, rest)
                    if not rest:
                        selector.unregister(process.stdin)
                        process.stdin.close()
                elif chunk := os.read(key.fd, CHUNK):
                    if key.fileobj is process.stdout:
                        yield chunk
                    else:
                        errors = (errors + chunk)[-MOST_ERROR_TEXT:]
                else:
                    selector.unregister(key.fileobj)
                    open_pipes -= 1
    code = _code(process, context)
    if code is None:
        _end(process)
        yield from _written(process.stdout.fileno())
    elif code:
        detail = " ".join(errors.decode(errors="replace").split()) or "no message"
        raise ProgramFailed(program=name, code=code, detail=detail)


def _fed(pipe: int, data: memoryview) -> memoryview:
    """What is left of data when a pipe has taken what it can; nothing when nobody reads it."""
    try:
        return data[os.write(pipe, data[:CHUNK]) :]
    except BlockingIOError:  # there is room, but not for as much
        return data
    except BrokenPipeError:
        return data[:0]


def _code(process: "subprocess.Popen[bytes]", context: Context) -> int | None:
    """How a program ended; None when it is to stop, though it may have closed its pipes."""
    while not context.stopped:
        with suppress(subprocess.TimeoutExpired):
            return process.wait(POLL_SECONDS)
    return None


def _written(pipe: int) -> Iterator[bytes]:
    """What is in a pipe already."""
    os.set_blocking(pipe, False)
    with suppress(BlockingIOError):
        while chunk := os.read(pipe, CHUNK):
            yield chunk


def stop(process: "subprocess.Popen[bytes]") -> None:
    """End a process group, and close the pipes to it."""
    _end(process)
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            with suppress(OSError):
                pipe.close()


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End a process group: politely, and what is left of it after a second at once."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(PATIENCE)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
