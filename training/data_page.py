"""The data report in a folder: a page that needs no other file, and its picture."""

from __future__ import annotations

import os
from base64 import b64encode
from pathlib import Path

from training.data_files import REPORT_PICTURE
from training.data_report import DataReport
from training.hands import DataError

REPORT_PAGE = "data_report.html"


def save_report(report: DataReport, folder: Path) -> list[Path]:
    """Write data_report.html and data_report.png; their paths. Raises DataError."""
    try:
        # Printing the report needs neither matplotlib nor Jinja2, which `make training` installs.
        from training.data_chart import draw_chart  # noqa: PLC0415

        picture = draw_chart(report)
        page = _page(report, picture=picture)
    except ModuleNotFoundError as error:
        raise DataError(f"the report cannot be drawn without {error.name}: `make training` installs it") from error
    written = {folder / REPORT_PAGE: page.encode(), folder / REPORT_PICTURE: picture}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, content in written.items():
            temporary = path.with_name(f".{path.name}.part")
            temporary.write_bytes(content)
            os.replace(temporary, path)
    except OSError as error:
        raise DataError(f"the report cannot be written to {folder}: {error.strerror or error}") from error
    return list(written)


def _page(report: DataReport, *, picture: bytes) -> str:
    """HTML with the PNG inside. Names of files and labels are escaped: they come from anywhere."""
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415

    templates = Environment(
        loader=PackageLoader("training"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    template = templates.get_template("data_report.html.j2")
    return template.render(report=report, picture=b64encode(picture).decode())
