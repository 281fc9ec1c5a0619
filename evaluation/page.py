"""The report as a page that needs no other file."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from evaluation import wording
from evaluation.evaluation import Evaluation
from evaluation.examples import Example
from evaluation.subject import Subject

TEMPLATES = Environment(
    loader=PackageLoader("evaluation"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)
TEMPLATES.filters.update(
    percent=wording.percent,
    interval=wording.interval,
    score=wording.score,
    said=wording.said,
    base64=lambda content: b64encode(content).decode(),
    count=lambda number: f"{number:,}",
)


def write_page(
    evaluation: Evaluation, subject: Subject, *, confusion: bytes, reliability: bytes, examples: Sequence[Example]
) -> str:
    """HTML with the PNGs and JPEGs inside. Names of files, labels and cameras are escaped: they come from anywhere."""
    return TEMPLATES.get_template("evaluation.html.j2").render(
        **page_content(evaluation, subject, confusion=confusion, reliability=reliability, examples=examples)
    )


def page_content(
    evaluation: Evaluation, subject: Subject, *, confusion: bytes, reliability: bytes, examples: Sequence[Example]
) -> dict[str, Any]:
    """What the template asks for."""
    return {
        "evaluation": evaluation,
        "subject": subject,
        "headlines": wording.headlines(evaluation),
        "notes": wording.notes(evaluation, subject),
        "rules": wording.RULES,
        "misses_in_short": wording.misses_in_short(evaluation),
        "confusion": confusion,
        "reliability": reliability,
        "examples": examples,
    }
