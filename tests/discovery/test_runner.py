"""Programs are started safely, and nothing of them stays."""

import os
import select
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import Future

import pytest

from cmdb.errors import CMDBError
from discovery.agent import Context
from discovery.runner import MOST_ERROR_TEXT, ProgramFailed, ProgramMissing, output
from discovery.scope import Scope

MEGABYTE = 1024 * 1024
BIG = bytes(range(256)) * (8 * 4096)  # eight megabytes, more than any pipe holds


@pytest.fixture
def audited():
    return []


@pytest.fixture
def context(audited):
    return Context(Scope(()), audited.append)


def run(context, script, *more, **options):
    return b"".join(output(["sh", "-c", script, "sh", *more], context, **options))


def within(seconds, act):
    """What it gives, from a thread that may hang without the tests."""
    future = Future()

    def go():
        try:
            future.set_result(act())
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=go, daemon=True).start()
    return future.result(seconds)


class Watched:
    """Processes, each held so that its number means no other; whether and when they end."""

    def __init__(self, *pids):
        self.files = [os.pidfd_open(pid) for pid in pids]

    def gone(self, seconds):
        end = time.monotonic() + seconds
        try:
            return all(
                select.select([one], [], [], end - time.monotonic())[0] for one in self.files
            )
        finally:
            for one in self.files:
                os.close(one)


def begun(chunks, count):
    """The numbers that a program writes first, one a line."""
    text = b""
    while text.count(b"\n") < count:
        text += next(chunks)
    return [int(line) for line in text.split()]


def test_the_audit_is_told_before_anything_starts(context, audited, tmp_path):
    made = tmp_path / "made"
    assert run(context, f"touch {made}; echo done", subject="2 targets") == b"done\n"
    assert audited == [f"sh -c touch {made}; echo done sh: 2 targets"]
    made.unlink()

    def refuse(command):
        raise CMDBError(detail="the log is full")

    context.audit = refuse
    with pytest.raises(CMDBError, match="the log is full"):
        run(context, f"touch {made}")
    assert not made.exists()


def test_a_program_that_is_not_there(context, audited):
    with pytest.raises(ProgramMissing) as caught:
        list(output(["no-such-program"], context))
    assert caught.value.fields == {"program": "no-such-program"}
    assert audited == []


def test_it_sees_nothing_of_our_environment(context, monkeypatch):
    monkeypatch.setenv("CMDB_STORE_PASSWORD", "s3cret")
    lines = b"".join(output(["env"], context, environment={"EXTRA": "1"})).split()
    assert sorted(lines) == [b"EXTRA=1", b"LC_ALL=C", b"PATH=" + os.defpath.encode()]
    assert run(context, "pwd") == b"/\n"
    assert run(context, "echo /proc/self/fd/*").count(b"/proc/self/fd/") <= 4


def test_no_shell_reads_the_words(context):
    hostile = "$(id) `id` ; id | & > x * ~ \\ ' \" \n"
    assert b"".join(output(["printf", "%s", hostile], context)) == hostile.encode()
    with pytest.raises(ValueError, match="null byte"):
        list(output(["printf", "%s", "a\0b"], context))


@pytest.mark.parametrize(
    ("script", "code", "detail"),
    [
        ("echo 'out of  luck' >&2; echo again >&2; exit 3", 3, "out of luck again"),
        ("exit 1", 1, "no message"),
        ("printf '\\377\\n' >&2; exit 1", 1, "\ufffd"),
        ("kill -9 $$", -9, "no message"),
    ],
)
def test_a_failure_says_why(context, script, code, detail):
    with pytest.raises(ProgramFailed) as caught:
        run(context, script)
    assert caught.value.fields == {"program": "sh", "code": code, "detail": detail}


def test_what_it_wrote_before_it_failed_comes(context):
    chunks = output(["sh", "-c", "echo found; exit 2"], context)
    assert next(chunks) == b"found\n"
    with pytest.raises(ProgramFailed):
        next(chunks)


def test_only_the_end_of_a_long_complaint_is_kept(context):
    script = "yes no | head -c 3000000 >&2; echo end >&2; exit 1"
    with pytest.raises(ProgramFailed) as caught:
        within(60, lambda: run(context, script))
    detail = caught.value.fields["detail"]
    assert detail.endswith("no end")
    assert len(detail) <= MOST_ERROR_TEXT


def test_much_goes_in_and_comes_out(context):
    assert within(60, lambda: run(context, "cat", stdin=BIG)) == BIG
    words = ["od", "-An", "-v", "-tx1"]  # reads little at a time, and writes more than it reads
    chunks = output(words, context, stdin=BIG)
    assert within(60, lambda: sum(map(len, chunks))) > 3 * len(BIG)
    first_out = "head -c 3000000 /dev/zero; cat >/dev/null; yes | head -c 3000000 >&2"
    assert len(within(60, lambda: run(context, first_out, stdin=BIG))) == 3_000_000


def test_nobody_has_to_read_what_goes_in(context):
    assert within(60, lambda: run(context, "echo enough", stdin=BIG)) == b"enough\n"
    assert within(60, lambda: run(context, "head -c 1", stdin=BIG)) == BIG[:1]
    assert within(60, lambda: run(context, "cat")) == b""


FAMILY = "sleep 1000 & echo $!; (%s sleep 1000 & echo $!; wait) & echo $!; echo $$; wait"
STUBBORN = "trap '' TERM;"


@pytest.mark.parametrize(
    "script",
    [FAMILY % "", STUBBORN + FAMILY % "", FAMILY % STUBBORN],
    ids=["polite", "stubborn", "stubborn child"],
)
@pytest.mark.parametrize("stop", ["cancelled", "deadline", "closed"])
def test_stopping_ends_it_and_all_it_has_started(context, script, stop):
    chunks = output(["sh", "-c", script], context)
    watched = Watched(*begun(chunks, 4))
    if stop == "closed":
        within(2, chunks.close)
    else:
        if stop == "cancelled":
            context.cancelled.set()
        else:
            context.deadline = time.monotonic()
        assert within(2, lambda: list(chunks)) == []
    assert watched.gone(0.5)


def test_it_stops_at_its_deadline_by_itself(context):
    context.deadline = time.monotonic() + 0.3
    chunks = output(["sh", "-c", FAMILY % ""], context)
    watched = Watched(*begun(chunks, 4))
    assert within(30, lambda: list(chunks)) == []
    assert watched.gone(0.5)


def test_children_of_a_program_that_ended_do_not_stay(context):
    chunks = output(["sh", "-c", "sleep 1000 >&- 2>&- & echo $!"], context)
    watched = Watched(*begun(chunks, 1))
    assert within(30, lambda: list(chunks)) == []
    assert watched.gone(5)


def test_what_was_written_before_it_was_stopped_comes(context, tmp_path):
    go, written = tmp_path / "go", tmp_path / "written"
    os.mkfifo(go)
    os.mkfifo(written)
    script = f"echo one; read go <{go}; echo two; echo >{written}; sleep 1000"
    chunks = output(["sh", "-c", script], context)
    assert next(chunks) == b"one\n"
    within(30, lambda: go.write_text("go\n"))
    assert within(30, written.read_text) == "\n"
    context.cancelled.set()
    assert b"".join(within(30, lambda: list(chunks))) == b"two\n"


def test_one_that_never_stops_writing_is_stopped(context):
    chunks = output(["yes"], context, stdin=BIG)
    next(chunks)
    context.cancelled.set()
    assert within(30, lambda: sum(map(len, chunks))) < 64 * MEGABYTE


def test_one_that_closes_its_pipes_and_goes_on_is_stopped(context):
    script = "echo $$; exec >&- 2>&-; sleep 1000"
    chunks = output(["sh", "-c", script], context)
    watched = Watched(*begun(chunks, 1))
    context.cancelled.set()
    assert within(30, lambda: list(chunks)) == []
    assert watched.gone(0.5)


PARENT = """
import sys
from discovery.agent import Context
from discovery.runner import output
from discovery.scope import Scope
words = ["sh", "-c", "trap '' TERM PIPE; echo $$; exec sleep 1000"]
for chunk in output(words, Context(Scope(()), lambda command: None)):
    print(chunk.decode(), end="", flush=True)
"""


def test_it_does_not_outlive_whoever_started_it():
    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True)
    watched = Watched(int(parent.stdout.readline()))
    parent.send_signal(signal.SIGKILL)
    assert watched.gone(30)
    parent.communicate()
