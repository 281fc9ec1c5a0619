"""Which films to evaluate, and which segments belong to each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from evaluation.film.segments import Segments, SegmentsError, read_segments
from producers.picture import JpegEncoder
from producers.source import SourceError
from producers.video import VideoFile

FILM_SUFFIXES = frozenset({".avi", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".ts", ".webm", ".wmv"})
SEGMENTS_SUFFIX = ".csv"


class BadFilms(Exception):
    """The films or their segments cannot be used: one clear line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Film:
    """name: what the report calls it. rate_hz: at most so many frames of each second are taken; None for all.
    period_seconds: from one of its frames to the next. segments_file: None where it shows no gesture."""

    name: str
    path: Path
    rate_hz: float | None
    period_seconds: float
    segments: Segments
    segments_file: Path | None

    def open(self) -> VideoFile:
        """Its frames, encoded as `handstream produce video` does it. Raises SourceError."""
        return VideoFile(self.path, encoder=JpegEncoder(), rate_hz=self.rate_hz)


def find_films(paths: Sequence[Path], *, segments: Sequence[Path], rate_hz: float | None) -> list[Film]:
    """Films as they were named, and those in folders, sorted; each with its segments.

    segments: one file for each film, or a folder that holds FILM.csv for those that show gestures; where there is none
    of both, FILM.csv beside the film. Raises BadFilms.
    """
    films = [film for path in paths for film in _films(path)]
    files = _segments_files(films, segments)
    places = Counter(film.resolve() for film in films)
    twice = next((film for film in films if places[film.resolve()] > 1), None)
    if twice is not None:
        raise BadFilms(f"{twice} is named twice")
    names = Counter(film.name for film in films)
    found = []
    for film, file in zip(films, files, strict=True):
        try:
            # Frame numbers count every frame of the file, also where only some of them are taken.
            native_seconds = VideoFile(film, encoder=JpegEncoder()).period_seconds
            period_seconds = VideoFile(film, encoder=JpegEncoder(), rate_hz=rate_hz).period_seconds
            shown = Segments() if file is None else read_segments(file, frame_rate_hz=1 / native_seconds)
        except (SourceError, SegmentsError) as error:
            raise BadFilms(str(error)) from error
        found.append(
            Film(
                name=film.name if names[film.name] == 1 else str(film),
                path=film,
                rate_hz=rate_hz,
                period_seconds=period_seconds,
                segments=shown,
                segments_file=file,
            )
        )
    return found


def _films(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    films = sorted(file for file in path.iterdir() if file.suffix.lower() in FILM_SUFFIXES and file.is_file())
    if not films:
        raise BadFilms(f"there is no film in the folder {path}: none of {', '.join(sorted(FILM_SUFFIXES))}")
    return films


def _segments_files(films: Sequence[Path], segments: Sequence[Path]) -> list[Path | None]:
    if len(segments) == 1 and segments[0].is_dir():
        return [_if_there(segments[0] / f"{film.stem}{SEGMENTS_SUFFIX}") for film in films]
    if segments:
        if len(segments) != len(films):
            raise BadFilms(
                f"there are {len(films)} films and {len(segments)} --segments: name one for each film in the same "
                "order, or a folder that holds FILM.csv for each film with gestures"
            )
        return list(segments)
    return [_if_there(film.with_suffix(SEGMENTS_SUFFIX)) for film in films]


def _if_there(path: Path) -> Path | None:
    return path if path.is_file() else None
