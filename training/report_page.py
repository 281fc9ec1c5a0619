"""What a training run came to, as a page and pictures."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping

from jinja2 import Environment, PackageLoader, StrictUndefined

from evaluation.charts import draw_confusion, draw_reliability
from training.open_set_chart import draw_open_set
from training.report import (
    COLUMNS,
    class_rows,
    confusion_rows,
    kind_rows,
    open_set_rows,
    source_rows,
    view_rows,
)
from training.selection import RULE
from training.thresholds import RULE as THRESHOLDS_RULE
from training.trainer import Trained

_TEMPLATES = Environment(
    loader=PackageLoader("training"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)


def pictures(trained: Trained) -> dict[str, bytes]:
    """PNGs by file name."""
    drawn = {"open_set.png": draw_open_set({kind: one.open_sets["all"] for kind, one in trained.figures.items()},
                                           left_out=trained.left_out, chosen=trained.kind)}  # fmt: skip
    for kind, one in trained.figures.items():
        drawn |= {
            f"confusion_{kind}.png": draw_confusion(one.confusion),
            f"reliability_{kind}.png": draw_reliability(one.calibration),
        }
    return drawn


def page(trained: Trained, drawn: Mapping[str, bytes]) -> str:
    """HTML with the pictures inside. Names of classes are escaped: they come from anywhere."""
    return _TEMPLATES.get_template("training_report.html.j2").render(
        trained=trained,
        manifest=trained.bundle.manifest,
        rule=RULE,
        columns=COLUMNS,
        kinds=kind_rows(trained),
        classes={kind: class_rows(one) for kind, one in trained.figures.items()},
        open_sets=open_set_rows(trained),
        views=view_rows(trained),
        sources=source_rows(trained),
        confusions=confusion_rows(trained),
        thresholds_rule=THRESHOLDS_RULE,
        drawn={name: b64encode(content).decode() for name, content in drawn.items()},
    )
