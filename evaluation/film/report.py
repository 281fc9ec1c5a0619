"""The report on films in a folder: page, figures, confusion matrix and a timeline of each film."""

from __future__ import annotations

import re
from pathlib import Path

from evaluation.examples import Pictures, draw_examples
from evaluation.film import wording
from evaluation.film.document import document
from evaluation.film.figures import StreamEvaluation
from evaluation.report import CONFUSION_FILE, FIGURES_FILE, PAGE_FILE, write_files
from evaluation.subject import Subject
from evaluation.wording import RULES

_NO_FILE_NAME = re.compile(r"[^\w.-]+")


def write_report(
    folder: Path, *, evaluation: StreamEvaluation, subject: Subject, pictures: Pictures, worst: int
) -> tuple[Path, ...]:
    """Write evaluation.html, evaluation.json, confusion_matrix.png and a timeline PNG for each film, all of them or
    none; their paths.

    worst: how many misses are drawn. Raises ReportError.
    """
    # Printing the figures needs neither matplotlib nor Jinja2, which `make training` installs.
    from evaluation.charts import draw_confusion, draw_reliability  # noqa: PLC0415
    from evaluation.film.timeline import draw_timeline  # noqa: PLC0415
    from evaluation.page import TEMPLATES, page_content  # noqa: PLC0415

    confusion = draw_confusion(evaluation.frames.confusion)
    timelines = [(film.film.name, draw_timeline(film)) for film in evaluation.films]
    content = page_content(
        evaluation.frames,
        subject,
        confusion=confusion,
        reliability=draw_reliability(evaluation.frames.calibration),
        examples=draw_examples(evaluation.frames.misses, count=worst, pictures=pictures),
    )
    content |= {
        "stream": evaluation,
        "headlines": wording.headlines(evaluation),
        "rules": (*wording.rules(evaluation.rules), *RULES),
        "columns": wording.COLUMNS,
        "film_rows": [(film.film.name, wording.film_row(film.figures)) for film in evaluation.films],
        "remarks": [remark for film in evaluation.films for remark in wording.remarks(film)],
        "timelines": timelines,
    }
    page = TEMPLATES.get_template("film.html.j2").render(**content)
    contents = {
        folder / PAGE_FILE: page.encode(),
        folder / FIGURES_FILE: document(evaluation, subject),
        folder / CONFUSION_FILE: confusion,
    }
    for number, (name, picture) in enumerate(timelines, start=1):
        contents[folder / f"timeline_{number}_{_NO_FILE_NAME.sub('_', Path(name).stem)[:60]}.png"] = picture
    return write_files(folder, contents)
