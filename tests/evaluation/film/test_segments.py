"""What a film shows, read from CSV."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from evaluation.film.segments import Segments, SegmentsError, read_segments
from events.prediction import Handedness
from tests.evaluation.film.films import segment, segments


def read(folder: Path, text: str) -> Segments:
    file = folder / "film.csv"
    file.write_text(text, encoding="utf-8")
    return read_segments(file, frame_rate_hz=25.0)


def test_seconds_and_frame_numbers_say_the_same(tmp_path: Path) -> None:
    by_seconds = read(tmp_path, "start,end,gesture\n2,3,like\n0.4,1.2,fist\n")
    by_frames = read(tmp_path, "start_frame,end_frame,gesture\n50,74,like\n10,29,fist\n")

    assert by_seconds == by_frames == segments((0.4, 1.2, "fist"), (2, 3, "like"))


def test_sets_hands_notes_and_comments(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "\ufeff# by eye\n\nstart, end, gesture, hand, note\n"
        '0,1,stop|palm,left,"near, then far"\n# later\n0,2,fist,right,\n',
    )

    assert found.items == (segment(0, 1, "palm+stop", Handedness.LEFT), segment(0, 2, "fist", Handedness.RIGHT))


def test_a_film_without_gestures_has_a_head_alone(tmp_path: Path) -> None:
    assert read(tmp_path, "start,end,gesture\n") == Segments()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "is empty"),
        ("start,gesture\n", "columns"),
        ("start,end,gesture,hands\n", "unknown column 'hands'"),
        ("start,end,start_frame,end_frame,gesture\n", "columns"),
        ("# by eye\nstart,end,gesture\n0,1,fist\n2,2,fist\n", "line 4: the segment ends at 2"),
        ("start,end,gesture\n-1,2,fist\n", "line 2: start is '-1'"),
        ("start,end,gesture\n0,nan,fist\n", "end is 'nan'"),
        ("start,end,gesture\n0\n", "end is ''"),
        ("start_frame,end_frame,gesture\n0.5,2,fist\n", "start_frame is '0.5', not the number of a frame"),
        ("start,end,gesture\n0,1,Thumb Up\n", "'Thumb Up' is not the name of a gesture"),
        ("start,end,gesture,hand\n0,1,fist,both\n", "hand is 'both'"),
        ("start,end,gesture\n0,2,fist\n1,3,like\n", "overlap"),
        ("start,end,gesture,hand\n0,2,fist,left\n1,3,like,\n", "overlap"),
    ],
)
def test_what_cannot_be_used_is_named(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(SegmentsError, match=r"film\.csv") as error:
        read(tmp_path, text)

    assert told in str(error.value)


def test_a_file_that_is_not_there_and_one_that_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "film.csv").write_bytes(b"\xff\xfe\x00")

    os.mkfifo(tmp_path / "pipe.csv")

    with pytest.raises(SegmentsError, match="there is no file"):
        read_segments(tmp_path / "other.csv", frame_rate_hz=25.0)
    with pytest.raises(SegmentsError, match="not a regular file"):
        read_segments(tmp_path / "pipe.csv", frame_rate_hz=25.0)
    with pytest.raises(SegmentsError, match="not UTF-8"):
        read_segments(tmp_path / "film.csv", frame_rate_hz=25.0)


def test_what_is_shown_from_the_first_to_the_last_frame_has_no_boundary() -> None:
    shown = segments((0, 1, "fist"), (2, 3, "like"))

    assert shown.boundaries(first_seconds=0, last_seconds=2.9) == (1, 2)
    assert shown.boundaries(first_seconds=0, last_seconds=3.5) == (1, 2, 3)
