"""Results as plots."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.contender import CONTENDERS, HANDSTREAM, MEDIAPIPE_LOOP, OWN_LOOP
from benchmarks.ratios import title
from benchmarks.results import Results, Throughput

_DPI = 110
_OURS, _LOOP, _PEER = "#1f6feb", "#6e7781", "#d4a72c"


def draw_all(results: Sequence[Results], *, folder: Path) -> list[Path]:
    """Write every plot for which there are figures, as PNG; the files."""
    folder.mkdir(parents=True, exist_ok=True)
    drawn = []
    for name, draw in _PLOTS.items():
        figure, axes = _figure()
        if draw(results, axes):
            file = folder / plot_file_name(name)
            figure.tight_layout()
            figure.savefig(file, dpi=_DPI, metadata={"Software": None})
            drawn.append(file)
    return drawn


def plot_file_name(name: str) -> str:
    return f"performance_{name}.png"


def _figure() -> tuple[Any, Any]:
    # Without pyplot: no window, no state that is shared.
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415
    from matplotlib.figure import Figure  # noqa: PLC0415

    figure = Figure(figsize=(7.5, 4.5))
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _rates(group: str, heading: str) -> Callable[[Sequence[Results], Any], bool]:
    """Bars with the median rate of each contender, and whiskers from the least to the greatest."""

    def draw(results: Sequence[Results], axes: Any) -> bool:
        found: dict[tuple[str, int], list[float]] = {}
        for run in _runs(results, group):
            found.setdefault((run.contender, run.cameras), []).append(run.fps)
        keys = sorted(found, key=lambda key: (list(CONTENDERS).index(key[0]), key[1]), reverse=True)
        middles = [median(found[key]) for key in keys]
        reach = [
            [middle - min(found[key]) for key, middle in zip(keys, middles, strict=True)],
            [max(found[key]) - middle for key, middle in zip(keys, middles, strict=True)],
        ]
        cameras = [f"{title(name)}, {count} camera{'s' if count > 1 else ''}" for name, count in keys]
        axes.barh(cameras, middles, xerr=reach, color=[_colour(name) for name, _ in keys], ecolor="#24292f", capsize=2)
        axes.set_xlabel("frames per second")
        axes.set_title(heading)
        return bool(keys)

    return draw


def _growth(group: str, label: str, at: Callable[[Throughput], float], heading: str) -> Callable[[Any, Any], bool]:
    def draw(results: Sequence[Results], axes: Any) -> bool:
        runs = _runs(results, group)
        if not runs:
            return False
        for name in (MEDIAPIPE_LOOP.name, OWN_LOOP.name, HANDSTREAM.name):
            places = sorted({at(run) for run in runs if run.contender == name})
            rates = [median(run.fps for run in runs if (run.contender, at(run)) == (name, place)) for place in places]
            if places:
                axes.plot(places, rates, marker="o", label=title(name))
        axes.set_xscale("log")
        ticks = sorted({at(run) for run in runs})
        axes.set_xticks(ticks, [f"{tick:,.0f}" for tick in ticks])
        axes.minorticks_off()
        axes.set_ylim(bottom=0)
        axes.set_xlabel(label)
        axes.set_ylabel("frames per second")
        axes.set_title(heading)
        axes.legend()
        return True

    return draw


def _latency(results: Sequence[Results], axes: Any) -> bool:
    """p50 and p99 of each contender at each load."""
    ones = [one for result in results for one in result.latency]
    for name in [name for name in CONTENDERS if any(one.contender == name for one in ones)]:
        loads = sorted({one.load for one in ones if one.contender == name})
        mine = {load: [one for one in ones if (one.contender, one.load) == (name, load)] for load in loads}
        places = [load * 100 for load in loads]
        (line,) = axes.plot(places, [median(one.p50_ms for one in mine[load]) for load in loads], marker="o")
        line.set_label(f"{title(name)}, p50")
        tail = [median(one.p99_ms for one in mine[load]) for load in loads]
        axes.plot(places, tail, marker="^", linestyle=":", color=line.get_color(), label=f"{title(name)}, p99")
    axes.set_yscale("log")
    axes.set_xlabel("load, % of the own capacity")
    axes.set_ylabel("ms from capture to prediction")
    axes.set_title("Latency")
    if ones:
        axes.legend(fontsize=7)
    return bool(ones)


def _runs(results: Sequence[Results], group: str) -> list[Throughput]:
    return [run for result in results for run in result.throughput if run.group == group]


def _colour(name: str) -> str:
    if name == HANDSTREAM.name:
        return _OURS
    return _PEER if CONTENDERS[name].is_peer and not name.startswith("plain-loop") else _LOOP


_PLOTS: dict[str, Callable[[Sequence[Results], Any], bool]] = {
    "live": _rates("live", "Live: hands are tracked"),
    "stills": _rates("stills", "Stills: every image is searched"),
    "latency": _latency,
    "cameras": _growth("cameras", "cameras", lambda run: run.cameras, "By number of cameras"),
    "sizes": _growth("sizes", "width of the image, pixels", lambda run: run.width, "By size of the image"),
    "backlog": _growth("backlog", "frames in the topic at the start", lambda run: run.frames, "By backlog"),
}

PLOT_NAMES = frozenset(_PLOTS)
