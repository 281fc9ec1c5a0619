"""`handstream evaluate video` as a user meets it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from handstream.cli import app
from settings import Settings
from tests.handstream.films import write_film
from tests.stream_app.worker_process import worker


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six seconds in which a palm and a fist are held."""
    return write_film(tmp_path_factory.mktemp("films"), gestures=("palm", "fist"), seconds=6)


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["evaluate", "video", *map(str, arguments)])


def figures(result: Result) -> dict[str, Any]:
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_a_film_becomes_figures_of_frames_and_events_and_a_report(film: Path, tmp_path: Path) -> None:
    result = run(film, "--out", tmp_path / "report", "--worst", 2)

    assert result.exit_code == 0, result.output
    assert "frames of gestures right" in result.stdout
    found = json.loads((tmp_path / "report" / "evaluation.json").read_text())
    assert (found["kind"], list(found["films"])) == ("video", ["film.avi"])
    stream = found["stream"]
    assert stream["seconds"] == pytest.approx(6, abs=0.1)
    frames = stream["frames"]
    # The rest lies near the start or end of a segment.
    judged = frames["shown"]["total"] + frames["other"]["total"]
    assert judged == found["rates"]["accuracy"]["total"] > 20
    assert judged + frames["transition"]["total"] == 90
    assert frames["shown"]["value"] > 0.5
    assert (stream["events"]["detected"]["hits"], stream["events"]["missed"]) == (2, 0)
    assert stream["events"]["delay"]["count"] == 2
    assert stream["stills"] is None
    told = stream["films"]["film.avi"]
    assert {one["label"] for one in told["segments"]} == {"palm", "fist"}
    assert {"palm", "fist"} <= {one["gesture"] for one in told["gesture_events"]}
    files = sorted(file.name for file in (tmp_path / "report").iterdir())
    assert files == ["confusion_matrix.png", "evaluation.html", "evaluation.json", "timeline_1_film.png"]
    page = (tmp_path / "report" / "evaluation.html").read_text(encoding="utf-8")
    assert "Timeline of film.avi" in page
    assert "without Kafka" in page


def test_without_segments_a_film_shows_no_gesture(film: Path, tmp_path: Path) -> None:
    alone = tmp_path / "alone.avi"
    alone.write_bytes(film.read_bytes())

    found = figures(run(tmp_path, "--fps", 5, "--as-stills", "--json"))

    stream = found["stream"]
    assert (stream["frames"]["shown"]["total"], stream["frames"]["other"]["total"]) == (0, 30)
    assert stream["frames"]["other"]["value"] > 0.2
    assert stream["stills"]["right_on_stream"]["total"] == stream["stills"]["right_as_stills"]["total"] == 30
    assert stream["events"]["false_per_minute"]["count"] == len(stream["films"]["alone.avi"]["gesture_events"]) > 0
    assert any("taken to show no gesture" in remark for remark in found["remarks"])
    assert "at 5 frames a second" in found["what"]


def test_several_films_are_told_apart(film: Path, tmp_path: Path) -> None:
    copy = tmp_path / "film.avi"
    copy.write_bytes(film.read_bytes())
    (tmp_path / "other.csv").write_text("start,end,gesture\n0,60,mute\n")

    found = figures(run(film, copy, "--segments", film.with_suffix(".csv"), "--segments", tmp_path / "other.csv",
                        "--fps", 5, "--json"))  # fmt: skip

    first, second = (found["stream"]["films"][str(path)] for path in (film, copy))
    assert (first["events"]["detected"]["total"], second["events"]["detected"]["total"]) == (2, 1)
    assert second["frames"]["shown"]["hits"] < second["frames"]["shown"]["total"] == 30
    assert second["missed"][0]["label"] == "mute"
    assert set(found["films"]) == {str(film), str(copy)}


def test_too_few_right_frames_are_exit_code_1(film: Path, tmp_path: Path) -> None:
    (tmp_path / "mute.csv").write_text("start,end,gesture\n0,60,mute\n")

    result = run(film, "--segments", tmp_path / "mute.csv", "--fps", 3, "--fail-under", 0.9)

    assert result.exit_code == 1
    assert "fewer than --fail-under 0.9" in result.stderr


def test_wrong_usage_is_code_2(film: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.csv").write_text("from,to,gesture\n")
    (tmp_path / "empty").mkdir()
    (tmp_path / "text.mp4").write_text("no film")
    for arguments, told in (
        ((tmp_path / "nowhere.mp4",), "there is no file"),
        ((tmp_path / "text.mp4",), "not a video"),
        ((tmp_path / "empty",), "no film in the folder"),
        ((film, "--segments", tmp_path / "bad.csv"), "bad.csv has the unknown column 'from'"),
        ((film, "--segments", tmp_path / "nowhere.csv"), "there is no file or folder"),
        ((film, film, "--segments", film.with_suffix(".csv")), "2 films and 1 --segments"),
        ((film, film.parent), "is named twice"),
        ((film, "--kafka", "--model", "models/mine"), "exclude each other"),
        ((film, "--fps", "0"), "--fps"),
        ((film, "--transition-seconds", "60"), "--transition-seconds sets another distance"),
    ):
        result = run(*arguments)
        assert (result.exit_code, result.stdout) == (2, ""), arguments
        assert told in result.stderr, arguments


@pytest.fixture
def env(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("HANDSTREAM_BROKER", settings.broker)
    monkeypatch.setenv("HANDSTREAM_TOPIC_PREFIX", settings.topic_prefix)
    monkeypatch.setenv("HANDSTREAM_CONSUMER_GROUP", settings.consumer_group)
    monkeypatch.setenv("HANDSTREAM_PARTITIONS", str(settings.partitions))
    return settings


@pytest.mark.broker
def test_through_kafka_a_film_gives_the_same_figures(env: Settings, film: Path, tmp_path: Path) -> None:
    with worker(env, log=tmp_path / "worker.log"):
        through_kafka = figures(run(film, "--kafka", "--speed", 0, "--idle-timeout", 60, "--json"))
    here = figures(run(film, "--json"))

    assert "through Kafka" in through_kafka["what"]
    told, local = through_kafka["stream"]["films"]["film.avi"], here["stream"]["films"]["film.avi"]
    assert told["frames"] == local["frames"]
    assert told["gesture_events"] == local["gesture_events"] != []


@pytest.mark.broker
def test_without_a_worker_there_is_no_answer(env: Settings, film: Path) -> None:
    result = run(film, "--kafka", "--speed", 0, "--idle-timeout", 1)

    assert (result.exit_code, result.stdout) == (1, "")
    assert "no answer from a worker for 1 s" in result.stderr
