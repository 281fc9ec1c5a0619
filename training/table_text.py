"""Tables as text: whatever separates their columns, compressed or not, with names of columns or without."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Final

from events.prediction import LANDMARK_COUNT
from training.hands import DataError

_GZIP: Final = b"\x1f\x8b"
_UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")
# In the order in which they are tried: a comma may be the decimal sign where something else separates the columns.
DELIMITERS: Final = {"\t": "tabs", ";": "semicolons", ",": "commas", "|": "vertical bars", " ": "spaces"}
# A row of a table of hands has at least x and y of each point, and a label.
_LEAST_FIELDS: Final = 2 * LANDMARK_COUNT + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class TableText:
    """A table as it was written.

    names: of its columns; None where the first row holds numbers already. has_header: whether the first row is none of
    the table's rows, be it names or mere numbers.
    """

    path: Path
    text: str
    names: tuple[str, ...] | None = None
    has_header: bool = False
    delimiter: str
    sha256: str

    def rows(self) -> Iterator[tuple[int, Sequence[str]]]:
        """Number of the line and its fields. They are read anew each time: kept, they take ten times the memory of the
        text. Raises DataError."""
        text = io.StringIO(self.text, newline="")
        reader = csv.reader(text, delimiter=self.delimiter, skipinitialspace=self.delimiter == " ")
        try:
            filled = ((reader.line_num, fields) for fields in reader if any(field.strip() for field in fields))
            yield from islice(filled, int(self.has_header), None)
        except csv.Error as error:
            raise DataError(f"{self.path}: cannot be read as a table: {error}") from error

    @property
    def first(self) -> Sequence[str]:
        """The first row; empty where there is none."""
        return next((fields for _, fields in self.rows()), ())

    @property
    def width(self) -> int:
        """Number of columns."""
        return len(self.first if self.names is None else self.names)

    def number(self, text: str) -> float:
        """Raises ValueError."""
        return float(text if self.delimiter == "," else text.replace(",", "."))

    def is_number(self, text: str) -> bool:
        try:
            self.number(text)
        except ValueError:
            return False
        return True


def read_text(path: Path) -> TableText:
    """Raises DataError for what is no table."""
    try:
        content = path.read_bytes()
        plain = gzip.decompress(content) if content.startswith(_GZIP) else content
        decoded = plain.decode("utf-16" if plain.startswith(_UTF_16) else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(
            f"{path}: cannot be read as text ({error.reason} at byte {error.start}): save it as UTF-8"
        ) from (error)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path}: cannot be read as a table: {error}") from error
    delimiter = _delimiter(decoded.lstrip().partition("\n")[0])
    text = TableText(path=path, text=decoded, delimiter=delimiter, sha256=hashlib.sha256(content).hexdigest())
    first = [field.strip() for field in text.first]
    if not first:
        raise DataError(f"{path}: cannot be read as a table: it is empty")
    if _are_numbered(first):
        return replace(text, has_header=True)
    if sum(map(text.is_number, first)) * 2 > len(first):
        return text
    text = replace(text, has_header=True, names=tuple(first))
    # As R writes it: a column of row numbers that has no name.
    return replace(text, names=("", *first)) if len(text.first) == len(first) + 1 else text


def _delimiter(line: str) -> str:
    """What separates the columns: the first delimiter by which a row is long enough for a hand, else the commonest."""
    counts = {delimiter: line.count(delimiter) for delimiter in DELIMITERS}
    enough = [delimiter for delimiter, count in counts.items() if count + 1 >= _LEAST_FIELDS]
    return enough[0] if enough else max((",", *counts), key=lambda delimiter: counts[delimiter])


def _are_numbered(first: Sequence[str]) -> bool:
    """Whether the columns are called 0, 1, 2 and so on, as pandas calls those without a name; some may have one."""
    numbers = [int(name) for name in first if name.isdecimal()]
    start = numbers[0] if numbers else 0
    return len(numbers) >= _LEAST_FIELDS - 1 and numbers == list(range(start, start + len(numbers)))
