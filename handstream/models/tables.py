"""Versions of models as tables for the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.console import Group
from rich.table import Table
from rich.text import Text

from handstream.models.figures import DATA, differences, figures, side_by_side
from recognition.bundle import Manifest
from recognition.registry import ModelVersion


def list_table(versions: Sequence[ModelVersion]) -> Table:
    table = _table()
    for name in ("model", "version", "alias", "kind"):
        table.add_column(name, overflow="fold")
    table.add_column("accuracy", justify="right")
    table.add_column("registered")
    table.add_column("sha256", no_wrap=True)
    for one in versions:
        table.add_row(
            Text(one.name),
            one.version,
            Text(", ".join(one.aliases), style="bold green"),
            Text(one.tags.get("kind", "")),
            Text(one.tags.get("evaluation_accuracy", "")),
            f"{one.created_at.astimezone():%Y-%m-%d %H:%M}",
            Text(one.tags.get("sha256", "")[:12]),
        )
    return table


def show_table(version: ModelVersion, manifest: Manifest) -> Group:
    about = _table(title=f"{version.name} {version.version}", show_header=False)
    about.add_column("what")
    about.add_column("value", overflow="fold")
    for what, value in {
        "alias": ", ".join(version.aliases) or "none",
        "registered": f"{version.created_at.astimezone():%Y-%m-%d %H:%M}",
        "run": version.run or "unknown",
        "kind": manifest.kind or "unknown",
        "features": manifest.features,
        "sha256": manifest.sha256,
        "classes": ", ".join(manifest.classes),
        "needs": ", ".join(f"{name} {number}" for name, number in manifest.libraries.items()) or "unknown",
    }.items():
        about.add_row(what, Text(value))
    measured = _table(title="Figures")
    measured.add_column("figure", overflow="fold")
    measured.add_column("value", justify="right")
    for name, figure in figures(manifest).items():
        measured.add_row(Text(name), figure_text(figure))
    return Group(about, measured)


def compare_table(versions: Sequence[ModelVersion], manifests: Sequence[Manifest]) -> Group:
    """Figures side by side, from the second version on with their difference to the first.

    Figures of the data that are the same in all are counted, not shown.
    """
    table = _table(title=versions[0].name)
    table.add_column("figure", overflow="fold")
    for one in versions:
        table.add_column(Text(" ".join((one.version, *one.aliases))), justify="right")
    table.add_row("kind", *(Text(manifest.kind) for manifest in manifests))
    table.add_row("sha256", *(manifest.sha256[:12] for manifest in manifests))
    same = 0
    for name, values in side_by_side([figures(manifest) for manifest in manifests]).items():
        if name.startswith(DATA) and len(set(values)) == 1:
            same += 1
            continue
        cells = [_cell(value, change) for value, change in zip(values, differences(values), strict=True)]
        table.add_row(Text(name), *cells)
    lines = _class_lines(versions, manifests)
    if same:
        lines.append(Text(f"{same} figures of the data are the same in all"))
    return Group(table, *lines)


def _class_lines(versions: Sequence[ModelVersion], manifests: Sequence[Manifest]) -> list[Text]:
    first = set(manifests[0].classes)
    lines = []
    for one, manifest in zip(versions[1:], manifests[1:], strict=True):
        more, fewer = sorted(set(manifest.classes) - first), sorted(first - set(manifest.classes))
        for names, word in ((more, "names also"), (fewer, "does not name")):
            if names:
                lines.append(Text(f"{one.version} {word}: {', '.join(names)}"))
    return lines


def _cell(value: float | None, change: float | None) -> Text:
    if value is None:
        return Text("-")
    text = Text(figure_text(value))
    if change:
        text.append(f" ({'+' if change > 0 else ''}{figure_text(change)})", style="dim")
    return text


def figure_text(value: float) -> str:
    return f"{value:,.0f}" if value.is_integer() else f"{value:.4g}"


def _table(*, title: str | None = None, show_header: bool = True) -> Table:
    return Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, show_header=show_header)
