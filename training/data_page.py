"""The data report as a page that needs no other file."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined

if TYPE_CHECKING:
    from training.data_report import DataReport

_TEMPLATES = Environment(
    loader=PackageLoader("training"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)


def write_page(report: DataReport, *, picture: bytes) -> str:
    """HTML with the PNG inside. Names of files and labels are escaped: they come from anywhere."""
    template = _TEMPLATES.get_template("data_report.html.j2")
    return template.render(report=report, picture=b64encode(picture).decode())
