"""The lab, which the tests of a session share; pytest-xdist runs them all in one worker."""

from collections.abc import Iterator

import pytest

from tests.discovery.lab import Lab


def pytest_collection_modifyitems(items):
    for item in items:
        if "lab" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("lab"))


@pytest.fixture(scope="session")
def lab() -> Iterator[Lab]:
    """All machines of the lab, as the test before has left them: `lab` itself says how."""
    with Lab() as made:
        yield made
