"""A number of things at once, and no more."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from gateway.problem import Problem

RETRY_AFTER_SECONDS = 1


class Bound:
    """what: of what there may be `most` at once, for the message to whoever is turned away."""

    def __init__(self, most: int, *, what: str) -> None:
        self._most = most
        self._what = what
        self.taken = 0

    @contextmanager
    def one(self) -> Iterator[None]:
        """Take one for a block. Raises Problem 429 at once where all are taken."""
        if self.taken >= self._most:
            raise Problem(
                429,
                "too-many-requests",
                f"there are {self.taken} {self._what} already, {self._most} are allowed: try again later",
                headers={"Retry-After": str(RETRY_AFTER_SECONDS)},
            )
        self.taken += 1
        try:
            yield
        finally:
            self.taken -= 1
