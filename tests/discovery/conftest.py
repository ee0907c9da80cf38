"""The lab, which the tests of a session share; pytest-xdist runs them all in one worker."""

from collections.abc import Iterator

import pytest

from tests.discovery.capture import Packet
from tests.discovery.lab import Lab
from tests.discovery.lab_estate import Estate


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the marks
def pytest_collection_modifyitems(items):
    for item in items:
        if "lab" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("lab"))


@pytest.fixture(scope="session")
def lab() -> Iterator[Lab]:
    """All machines of the lab, as the test before has left them: `lab` itself says how."""
    with Lab() as made:
        yield made


@pytest.fixture(scope="session")
def first_scan(lab, tmp_path_factory) -> Iterator[tuple[Estate, list[Packet]]]:
    """A store that one scan by nmap has filled, and all that the scan has sent."""
    estate = Estate(tmp_path_factory.mktemp("lab") / "cmdb.db")
    with lab.capture() as capture:
        estate.scan(lab, "nmap")
    yield estate, capture.packets
    estate.env.close()


@pytest.fixture
def estate(first_scan: tuple[Estate, list[Packet]]) -> Estate:
    """The store that scans of the lab fill; the tests of a session go on where others ended."""
    return first_scan[0]
