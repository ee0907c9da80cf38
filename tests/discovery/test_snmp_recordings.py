"""SNMP on recordings of real devices: the bars, and that the catalog takes all that is told."""

import pytest

from benchmarks import snmp_recordings
from benchmarks.snmp_recordings import BARS, Result, chosen, found
from discovery.agents.snmp import recordings
from tests.discovery.snmp_reading import read

MOST = 105
"""All but the eleven largest, which take longer than all others; the benchmark has them too."""


@pytest.fixture(scope="module")
def result() -> Result:
    return found(chosen(MOST))


@pytest.mark.parametrize("kind", BARS)
def test_the_bar_is_met(result: Result, kind: str) -> None:
    missed = [one for one in result.missed if one["kind"] == kind]

    assert result.share(kind) >= BARS[kind], missed


def test_there_is_enough_to_measure(result: Result) -> None:
    assert result.recordings == MOST
    assert result.errors == 0
    assert result.there["interfaces"] > 4_000
    assert min(result.there[kind] for kind in BARS) > 50


def test_somebody_looked_at_each_recording() -> None:
    names = {snmp_recordings.name_of(path) for path in chosen(1_000)}

    assert names == snmp_recordings.truth().keys()


@pytest.mark.parametrize("path", chosen(60)[20:], ids=snmp_recordings.name_of)
def test_all_that_is_told_is_taken(path: object) -> None:
    reading = read(recordings.read(str(path)))

    assert reading.device.name is None or reading.device.name.strip()
    assert reading.errors == []
