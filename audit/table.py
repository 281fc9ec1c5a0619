"""An audit for a person."""

from __future__ import annotations

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from audit.counts import OutcomeCounts, Report

_COLUMNS = ("frames", "ok", "no_hand", "stale", "dead", "pending", "lost", "duplicated", "out_of_order")
_VIOLATIONS = ("lost", "out_of_order")
# Shown although there are none; columns of zeros would take the room of numbers on a narrow terminal.
_ALWAYS = ("frames", "ok", "lost")


def render(report: Report, *, max_duplicates: int | None) -> RenderableType:
    table = Table(box=box.SIMPLE_HEAD, show_footer=True, padding=(0, 1, 0, 0))
    table.add_column("camera", footer="all", overflow="fold")
    totals = report.totals
    shown_columns = [name for name in _COLUMNS if name in _ALWAYS or getattr(totals, name)]
    for name in shown_columns:
        table.add_column(name.replace("_", " "), justify="right", footer=_number(totals, name), no_wrap=True)
    for camera in report.camera_names():
        shown = Text("(no camera in its headers)", style="dim") if camera is None else Text(camera)
        table.add_row(shown, *(_number(report.cameras[camera], name) for name in shown_columns))
    ends = report.ends
    lines: list[RenderableType] = [table]
    if ends.passed_on or ends.pending or ends.lost:
        lines.append(Text(f"stream ends: {ends.passed_on} passed on, {ends.pending} pending, {ends.lost} lost"))
    lines += [Text(f"note: {note}") for note in report.notes()]
    broken = report.broken(max_duplicates=max_duplicates)
    lines += [Text(f"violated: {line}", style="red") for line in broken]
    for name, found in (
        ("lost", report.examples.lost),
        ("out of order", report.examples.out_of_order),
        ("duplicated", report.examples.duplicated),
    ):
        if found:
            lines.append(Text(f"first {name}: {', '.join(found)}", style="dim"))
    if not broken:
        lines.append(Text("all guarantees hold", style="green"))
    return Group(*lines)


def _number(counts: OutcomeCounts, name: str) -> Text:
    number = getattr(counts, name)
    return Text(f"{number:,}", style="red" if number and name in _VIOLATIONS else "")
