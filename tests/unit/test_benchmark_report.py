"""Figures of benchmarks as a page shows them."""

from benchmarks.report import filled

PAGE = """
<!-- figures impact.kernel -->
old
<!-- end -->
<!-- figures http.impact -->
kept
<!-- end -->
"""


def test_a_page_keeps_the_figures_that_nothing_new_is_said_of():
    page = filled(PAGE, {"impact.kernel": "new\n", "elsewhere": "x\n"})
    assert page == PAGE.replace("old", "new")
