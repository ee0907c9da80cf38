"""The generated pages are what the code says now."""

from scripts.reference import TARGET, page


def test_types_page_is_current():
    assert TARGET.read_text(encoding="utf-8") == page(), "run `make docs`"
