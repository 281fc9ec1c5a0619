"""Results as tables: the same rows for the terminal and for the docs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from rich.table import Table

from benchmarks.contender import CONTENDERS, MEDIAPIPE_LOOP, Kind
from benchmarks.ratios import bars, title, turns
from benchmarks.results import Latency, Results, Throughput
from benchmarks.summary import Spread


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A table without a form."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]

    def to_rich(self) -> Table:
        table = Table(title=self.title, title_justify="left")
        for number, column in enumerate(self.columns):
            table.add_column(column, justify="right" if number else "left")
        for row in self.rows:
            table.add_row(*row)
        return table

    def to_markdown(self) -> str:
        head = ["| " + " | ".join(self.columns) + " |", "|---" + "|---:" * (len(self.columns) - 1) + "|"]
        return "\n".join([*head, *("| " + " | ".join(row) + " |" for row in self.rows)])


def all_grids(results: Sequence[Results]) -> dict[str, Grid]:
    """By name; those without rows are left out."""
    grids = {
        "live": everybody(results, "live"),
        "stills": everybody(results, "stills"),
        "latency": latency(results),
        "idle": idle(results),
        "cameras": growth(results, "cameras", "cameras", lambda run: str(run.cameras)),
        "sizes": growth(results, "sizes", "pixels", lambda run: f"{run.width} x {run.height}"),
        "backlog": growth(results, "backlog", "frames in the topic", lambda run: f"{run.frames:,}"),
        "bars": bars_grid(results),
    }
    return {name: grid for name, grid in grids.items() if grid.rows}


def everybody(results: Sequence[Results], group: str) -> Grid:
    """ratio: of the rate to that of the bare MediaPipe loop with as many cameras (with one, or with all cores at work).
    CPU ratio: of that loop's processor time to the contender's, with the broker's where it uses it. What else the
    machine did hardly counts in it."""
    found: dict[tuple[str, int], list[tuple[Throughput, Throughput | None]]] = {}
    for turn in turns(results, group):
        for run in turn.runs:
            reference = turn.run(MEDIAPIPE_LOOP.name, cameras=1 if run.cameras == 1 else 8)
            found.setdefault((run.contender, run.cameras), []).append((run, reference))
    order = list(CONTENDERS)
    rows = []
    for name, cameras in sorted(found, key=lambda key: (order.index(key[0]), key[1])):
        runs = [run for run, _ in found[name, cameras]]
        pairs = [(run, reference) for run, reference in found[name, cameras] if reference is not None]
        ratios = [run.fps / reference.fps for run, reference in pairs]
        cpu_ratios = [reference.cpu_ms_per_frame / _all_cpu_ms(run) for run, reference in pairs]
        rows.append(
            [
                title(name),
                str(cameras),
                spread([run.fps for run in runs], digits=1),
                *(spread(values, digits=2) if values else "" for values in (ratios, cpu_ratios)),
                *_costs(runs),
                f"{median(run.startup_seconds for run in runs):.1f}",
            ]
        )
    columns = ("", "cameras", "frames/s", "ratio", "CPU ratio", *_COST_COLUMNS, "start-up s")
    tracking = {"live": "Live: hands are tracked", "stills": "Stills: every image is searched"}
    return Grid(title=tracking.get(group, group), columns=columns, rows=rows)


def _all_cpu_ms(run: Throughput) -> float:
    known = CONTENDERS.get(run.contender)
    uses_broker = known is not None and known.kind is Kind.TOPIC
    return run.cpu_ms_per_frame + (run.broker_cpu_ms_per_frame if uses_broker else 0.0)


def growth(results: Sequence[Results], group: str, column: str, key: Callable[[Throughput], str]) -> Grid:
    found: dict[tuple[str, str], list[Throughput]] = {}
    for result in results:
        for run in result.throughput:
            if run.group == group:
                found.setdefault((key(run), run.contender), []).append(run)
    rows = [
        [what, title(name), spread([run.fps for run in runs], digits=1), *_costs(runs)]
        for (what, name), runs in found.items()
    ]
    return Grid(title=f"By {column}", columns=(column, "", "frames/s", *_COST_COLUMNS), rows=rows)


def latency(results: Sequence[Results]) -> Grid:
    order = list(CONTENDERS)
    found: dict[tuple[str, float], list[Latency]] = {}
    for result in results:
        for one in result.latency:
            found.setdefault((one.contender, one.load), []).append(one)
    rows = [
        [
            title(name),
            f"{load:.0%}",
            f"{median(one.fps for one in ones):.0f}",
            *(spread([pick(one) for one in ones], digits=0) for pick in _PERCENTILES),
            f"{median(one.inference_p50_ms for one in ones):.1f}",
            f"{sum(one.stale for one in ones)} of {sum(one.frames + one.stale for one in ones)}",
        ]
        for (name, load), ones in sorted(found.items(), key=lambda item: (order.index(item[0][0]), item[0][1]))
    ]
    columns = ("", "load", "frames/s", "p50 ms", "p95 ms", "p99 ms", "inference p50 ms", "skipped as stale")
    return Grid(title="Latency from capture to the prediction at the broker", columns=columns, rows=rows)


_PERCENTILES: tuple[Callable[[Latency], float], ...] = (
    lambda one: one.p50_ms,
    lambda one: one.p95_ms,
    lambda one: one.p99_ms,
)


def idle(results: Sequence[Results]) -> Grid:
    ones = [one for result in results for one in result.idle]
    if not ones:
        return Grid(title="", columns=(), rows=())
    delays = [delay for one in ones for delay in one.detection_ms]
    rows = [
        ["CPU of the workers per frame, ms", spread([one.cpu_ms_per_frame for one in ones], digits=2)],
        ["CPU of the workers without frames, ms per second", spread([one.base_cpu_ms_per_second for one in ones])],
        ["frames without a search", spread([one.skipped_share for one in ones], digits=2)],
        ["hand detected after, ms: median", f"{median(delays):.0f}" if delays else ""],
        ["hand detected after, ms: slowest", f"{max(delays):.0f}" if delays else ""],
        ["hands that appeared", str(len(delays))],
    ]
    what = f"{ones[0].cameras} idle cameras at {ones[0].fps:g} frames/s each"
    return Grid(title=what, columns=(what, ""), rows=rows)


def bars_grid(results: Sequence[Results]) -> Grid:
    rows = []
    for bar in bars(results):
        if bar.spread is not None:
            sign = "≤" if bar.is_maximum else "≥"
            digits = 1 if bar.unit == "ms" and bar.limit > 1 else 2
            found = f"{spread(bar.values, digits=digits)} {bar.unit}"
            rows.append([bar.title, found, f"{sign} {bar.limit:g} {bar.unit}", "met" if bar.is_met else "missed"])
    return Grid(title="Handstream against", columns=("", "median (low to high)", "bar", ""), rows=rows)


_COST_COLUMNS = ("CPU ms/frame", "broker CPU ms/frame", "memory MiB", "largest process MiB")


def _costs(runs: Sequence[Throughput]) -> list[str]:
    return [
        f"{median(run.cpu_ms_per_frame for run in runs):.1f}",
        f"{median(run.broker_cpu_ms_per_frame for run in runs):.1f}",
        f"{median(run.memory_mib for run in runs):.0f}",
        f"{median(run.process_memory_mib for run in runs):.0f}",
    ]


def spread(values: Sequence[float], *, digits: int = 1) -> str:
    """Median, and in brackets the least and the greatest where there are several."""
    found = Spread.of(values)
    middle = f"{found.median:.{digits}f}"
    return middle if len(values) == 1 else f"{middle} ({found.low:.{digits}f} to {found.high:.{digits}f})"
