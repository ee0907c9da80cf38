"""The generated pages are what the code says now."""

import pytest

from scripts.reference import FOLDER, pages


@pytest.mark.parametrize("name", pages())
def test_page_is_current(name):
    assert (FOLDER / name).read_text(encoding="utf-8") == pages()[name], "run `make docs`"


def test_no_page_is_left_over():
    assert {path.name for path in FOLDER.iterdir()} == set(pages())
