"""What a test does where a program of Prometheus is missing."""

from __future__ import annotations

import pytest

from tests.monitoring.prometheus_program import prometheus_program


@pytest.fixture(autouse=True)
def nothing_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")


def test_it_is_skipped_where_it_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)

    with pytest.raises(pytest.skip.Exception, match="apt-get install prometheus"):
        prometheus_program("promtool")


def test_it_fails_where_all_tests_have_to_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")

    with pytest.raises(pytest.fail.Exception, match="prometheus is missing"):
        prometheus_program("prometheus")
