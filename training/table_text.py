"""Tables as text: whatever separates their columns, compressed or not, with names of columns or without."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from events.prediction import LANDMARK_COUNT
from training.hands import DataError

_GZIP: Final = b"\x1f\x8b"
_UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")
# In the order in which they are tried: a comma may be the decimal sign where something else separates the columns.
DELIMITERS: Final = {"\t": "tabs", ";": "semicolons", ",": "commas", "|": "bars", " ": "spaces"}
# A row of a table of hands has at least x and y of each point, and a label.
_LEAST_FIELDS: Final = 2 * LANDMARK_COUNT + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class TableText:
    """A table as it was written.

    names: of its columns; None where the first row holds numbers already. rows: number of the line and its fields.
    """

    names: tuple[str, ...] | None
    rows: Sequence[tuple[int, Sequence[str]]]
    delimiter: str
    sha256: str

    @property
    def width(self) -> int:
        """Number of columns."""
        return len(self.names) if self.names is not None else len(self.rows[0][1]) if self.rows else 0

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
        delimiter = _delimiter(decoded.lstrip().partition("\n")[0])
        reader = csv.reader(io.StringIO(decoded, newline=""), delimiter=delimiter, skipinitialspace=delimiter == " ")
        rows = [(reader.line_num, fields) for fields in reader if any(field.strip() for field in fields)]
    except UnicodeDecodeError as error:
        raise DataError(
            f"{path}: cannot be read as text ({error.reason} at byte {error.start}): save it as UTF-8"
        ) from (error)
    except (OSError, EOFError, zlib.error, csv.Error) as error:
        raise DataError(f"{path}: cannot be read as a table: {error}") from error
    text = TableText(names=None, rows=rows, delimiter=delimiter, sha256=hashlib.sha256(content).hexdigest())
    if not rows:
        return text
    first = [field.strip() for field in rows[0][1]]
    if _are_numbered(first):
        return _dropping_first(text, names=None)
    if sum(map(text.is_number, first)) * 2 > len(first):
        return text
    # As R writes it: a column of row numbers that has no name.
    if len(rows) > 1 and len(rows[1][1]) == len(first) + 1:
        first = ["", *first]
    return _dropping_first(text, names=tuple(first))


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


def _dropping_first(text: TableText, *, names: tuple[str, ...] | None) -> TableText:
    return TableText(names=names, rows=text.rows[1:], delimiter=text.delimiter, sha256=text.sha256)
