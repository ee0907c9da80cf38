"""Waiting for signals: none is lost, however early it comes."""

import os
import signal

import pytest

from api.cli.stopping import signals


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_that_comes_before_the_wait_ends_it(number):
    before = signal.getsignal(number)
    with signals() as wait:
        os.kill(os.getpid(), number)
        wait()
    assert signal.getsignal(number) == before
