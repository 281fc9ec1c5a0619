"""Results from files to the tables of a page."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.docs import with_results
from benchmarks.results import load_results
from benchmarks.tables import all_grids
from tests.benchmarks.runs import idle, latency, results, run

PAGE = """# Performance

<!-- bench:machine -->
<!-- /bench -->
<!-- bench:live -->
| old |
<!-- /bench -->
<!-- bench:bars -->
<!-- /bench -->
<!-- bench:stills -->
as it was
<!-- /bench -->
The end.
"""


def test_results_come_back_from_their_file(tmp_path: Path) -> None:
    written = results(run("handstream", 100.0), latency=[latency()], idle=[idle()])
    written.save(tmp_path / "bench.json")
    assert load_results(tmp_path / "bench.json") == written


def test_a_file_without_results_is_named(tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text('{"fps": 3}')
    with pytest.raises(ValueError, match=r"other\.json holds no results"):
        load_results(tmp_path / "other.json")


def test_tables_of_two_files_show_median_and_spread() -> None:
    first = results(run("mediapipe-loop", 80.0), run("handstream", 100.0))
    second = results(run("mediapipe-loop", 50.0), run("handstream", 60.0))
    (row,) = [row for row in all_grids([first, second])["live"].rows if row[0] == "Handstream"]
    assert row[1:4] == ["8", "80.0 (60.0 to 100.0)", "1.23 (1.20 to 1.25)"]
    # 15 ms of both loops, and half a millisecond of the broker.
    assert row[4] == "0.97 (0.97 to 0.97)"


def test_only_tables_with_figures_are_replaced() -> None:
    page = with_results(PAGE, [results(run("mediapipe-loop", 80.0), run("handstream", 100.0))])
    assert "| Handstream | 8 | 100.0 | 1.25 | 0.97 |" in page
    assert "| old |" not in page
    assert "![Live: hands are tracked](plots/performance_live.png)" in page
    assert "Test CPU, 2 cores, without bf16" in page
    assert "as it was" in page
    assert page.endswith("The end.\n")
    # Once more changes nothing.
    assert with_results(page, [results(run("mediapipe-loop", 80.0), run("handstream", 100.0))]) == page


def test_a_page_without_a_place_is_refused() -> None:
    with pytest.raises(ValueError, match="no place for latency"):
        with_results(PAGE, [results(run("handstream", 100.0), latency=[latency()])])
