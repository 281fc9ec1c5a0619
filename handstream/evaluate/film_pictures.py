"""Pictures of a film's frames, read from the film again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from evaluation.outcome import Outcome
from handstream.evaluate.film_list import Film
from producers.source import SourceError


class FilmPictures:
    """Pictures, as evaluation asks for them, of outcomes whose group is the name of a film.

    Only those of `outcomes` can be read. Each film is gone through once, when its first picture is asked for.
    """

    def __init__(self, films: Sequence[Film], *, outcomes: Iterable[Outcome]) -> None:
        self._films = {film.name: film for film in films}
        self._wanted: dict[str, set[int]] = defaultdict(set)
        for one in outcomes:
            self._wanted[one.group].add(one.sequence)
        self._pictures: dict[str, dict[int, bytes]] = {}

    def read(self, outcome: Outcome) -> bytes | None:
        name = outcome.group
        if name not in self._pictures:
            self._pictures[name] = self._read(self._films[name], self._wanted[name])
        return self._pictures[name].get(outcome.sequence)

    def _read(self, film: Film, wanted: set[int]) -> dict[int, bytes]:
        found: dict[int, bytes] = {}
        try:
            source = film.open()
            for sequence, shot in enumerate(source.shots()):
                if sequence in wanted:
                    found[sequence] = shot.image
                if len(found) == len(wanted):
                    source.close()
        except SourceError:
            pass  # a film that was removed since
        return found
