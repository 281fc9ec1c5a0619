"""The embedded broker uses Java's class cache where there is one, and never half of one."""

from __future__ import annotations

from pathlib import Path

from broker.embedded.class_cache import UnfinishedCache, class_cache_file, reading_options, writing_options


def jars(folder: Path) -> list[Path]:
    return [folder / "kafka.jar", folder / "other.jar"]


def test_without_a_cache_java_gets_no_option(tmp_path: Path) -> None:
    assert reading_options(jars(tmp_path)) == []


def test_what_was_written_is_used_from_then_on(tmp_path: Path) -> None:
    unfinished = UnfinishedCache(jars(tmp_path))
    assert writing_options(unfinished.file)[0] == f"-XX:AOTCacheOutput={unfinished.file}"
    unfinished.file.write_bytes(b"classes")
    assert reading_options(jars(tmp_path)) == []

    assert unfinished.keep()

    file = class_cache_file(jars(tmp_path))
    assert file.read_bytes() == b"classes"
    assert reading_options(jars(tmp_path))[0] == f"-XX:AOTCache={file}"
    assert list(tmp_path.iterdir()) == [file]


def test_a_broker_that_wrote_none_leaves_nothing(tmp_path: Path) -> None:
    assert not UnfinishedCache(jars(tmp_path)).keep()
    assert list(tmp_path.iterdir()) == []
