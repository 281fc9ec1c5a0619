"""The page of the settings says what their type says."""

from __future__ import annotations

from settings import PREFIX, Settings
from tools.settings_docs import DOCUMENT, document


def test_page_is_the_one_that_the_type_gives() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == document(), "run `make docs`"


def test_every_setting_has_a_row_with_a_meaning() -> None:
    rows = {row.split("|")[1].strip(" `"): row.split("|")[2].strip() for row in document().splitlines() if "| `" in row}
    assert rows.keys() == {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    assert "" not in rows.values()
    assert "None" not in rows.values()
