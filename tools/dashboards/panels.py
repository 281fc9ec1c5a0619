"""The kinds of panel that the dashboards are made of: the same looks, a unit, legends and a sentence for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from grafana_foundation_sdk.builders import bargauge, common, heatmap, piechart, prometheus, stat, table, timeseries
from grafana_foundation_sdk.builders.dashboard import ThresholdsConfig
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import dashboard as models
from grafana_foundation_sdk.models.common import (
    BigValueGraphMode,
    HeatmapCellLayout,
    LegendDisplayMode,
    LegendPlacement,
    ScaleDistribution,
    SortOrder,
    StackingMode,
    TooltipDisplayMode,
    VisibilityMode,
    VizOrientation,
)
from grafana_foundation_sdk.models.heatmap import HeatmapColorMode
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

DATASOURCE = models.DataSourceRef(type_val="prometheus", uid="${datasource}")
# The grid has 24 columns; a row of panels is this high.
HEIGHT = 8
STAT_HEIGHT = 4

# Units as Grafana calls them.
FRAMES_PER_SECOND = "cps"
RECORDS = "short"
SECONDS = "s"
RATIO = "percentunit"
BYTES = "bytes"
BYTES_PER_SECOND = "Bps"
REQUESTS_PER_SECOND = "reqps"
COUNT = "short"
CORES = "short"


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """expr: PromQL. legend: the name of each series, with its labels as {{label}}."""

    expr: str
    legend: str
    exemplars: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """Colours of a figure: yellow from `warning`, red from `critical`; downwards where `critical` is the lesser."""

    warning: float
    critical: float

    def build(self) -> ThresholdsConfig:
        rising = self.warning <= self.critical
        first, *rest = ("green", "yellow", "red") if rising else ("red", "yellow", "green")
        bounds = (self.warning, self.critical) if rising else (self.critical, self.warning)
        steps = [models.Threshold(value=None, color=first)]
        steps += [models.Threshold(value=bound, color=color) for bound, color in zip(bounds, rest, strict=True)]
        return ThresholdsConfig().mode(models.ThresholdsMode.ABSOLUTE).steps(steps)


def lines(
    title: str,
    *queries: Query,
    unit: str,
    about: str,
    span: int = 12,
    stacked: bool = False,
    maximum: float | None = None,
) -> Builder[models.Panel]:
    """Figures over time."""
    panel = (
        timeseries.Panel()
        .title(title)
        .description(about)
        .datasource(DATASOURCE)
        .unit(unit)
        .min(0)
        .height(HEIGHT)
        .span(span)
        .fill_opacity(60 if stacked else 8)
        .show_points(VisibilityMode.NEVER)
        .legend(
            common.VizLegendOptions()
            .display_mode(LegendDisplayMode.TABLE)
            .placement(LegendPlacement.BOTTOM)
            .show_legend(True)
            .calcs(["lastNotNull", "max"])
        )
        .tooltip(common.VizTooltipOptions().mode(TooltipDisplayMode.MULTI).sort(SortOrder.DESCENDING))
    )
    if stacked:
        panel = panel.stacking(common.StackingConfig().mode(StackingMode.NORMAL))
    if maximum is not None:
        panel = panel.max(maximum)
    for query in _targets(queries):
        panel = panel.with_target(query)
    return panel


def figure(
    title: str, query: Query, *, unit: str, about: str, span: int = 4, steps: Steps | None = None, decimals: int = 1
) -> Builder[models.Panel]:
    """One large figure as it is now, with its course behind it."""
    panel = (
        stat.Panel()
        .title(title)
        .description(about)
        .datasource(DATASOURCE)
        .unit(unit)
        .decimals(decimals)
        .height(STAT_HEIGHT)
        .span(span)
        .graph_mode(BigValueGraphMode.AREA)
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
    )
    if steps is not None:
        panel = panel.thresholds(steps.build())
    for target in _targets([query]):
        panel = panel.with_target(target)
    return panel


def bars(
    title: str, query: Query, *, unit: str, about: str, span: int = 12, maximum: float | None = None
) -> Builder[models.Panel]:
    """The shares of now, side by side."""
    panel = (
        bargauge.Panel()
        .title(title)
        .description(about)
        .datasource(DATASOURCE)
        .unit(unit)
        .min(0)
        .height(HEIGHT)
        .span(span)
        .orientation(VizOrientation.HORIZONTAL)
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
        .with_target(_target(query, ref_id="A").instant())
    )
    return panel if maximum is None else panel.max(maximum)


def pie(title: str, query: Query, *, unit: str, about: str, span: int = 8) -> Builder[models.Panel]:
    """Parts of a whole."""
    return (
        piechart.Panel()
        .title(title)
        .description(about)
        .datasource(DATASOURCE)
        .unit(unit)
        .height(HEIGHT)
        .span(span)
        .legend(
            piechart.PieChartLegendOptions()
            .display_mode(LegendDisplayMode.LIST)
            .placement(LegendPlacement.RIGHT)
            .show_legend(True)
        )
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
        .with_target(_target(query, ref_id="A").instant())
    )


def heat(title: str, metric: str, *, unit: str, about: str, span: int = 12) -> Builder[models.Panel]:
    """How a histogram's distribution changes. metric: without `_bucket`, perhaps with a selector in braces."""
    name, brace, selector = metric.partition("{")
    expr = f"sum by (le) (increase({name}_bucket{brace}{selector}[$__rate_interval]))"
    return (
        heatmap.Panel()
        .title(title)
        .description(about)
        .datasource(DATASOURCE)
        .height(HEIGHT)
        .span(span)
        .calculate(False)
        .color(heatmap.HeatmapColorOptions().mode(HeatmapColorMode.SCHEME).scheme("Oranges").steps(64))
        .y_axis(heatmap.YAxisConfig().unit(unit))
        .rows_frame(heatmap.RowsHeatmapOptions().layout(HeatmapCellLayout.AUTO))
        .scale_distribution(common.ScaleDistributionConfig().type(ScaleDistribution.LINEAR))
        .with_target(
            prometheus.Dataquery()
            .expr(expr)
            .format(PromQueryFormat.HEATMAP)
            .legend_format("{{le}}")
            .ref_id("A")
            .exemplar(True)
            .datasource(DATASOURCE)
        )
    )


def rows(title: str, query: Query, *, unit: str, about: str, span: int = 12) -> Builder[models.Panel]:
    """A table: one line for each series, its labels as columns."""
    return (
        table.Panel()
        .title(title)
        .description(about)
        .datasource(DATASOURCE)
        .unit(unit)
        .height(HEIGHT)
        .span(span)
        .with_target(_target(query, ref_id="A").instant().format(PromQueryFormat.TABLE))
    )


def _targets(queries: Sequence[Query]) -> list[prometheus.Dataquery]:
    return [_target(query, ref_id=chr(ord("A") + index)).range() for index, query in enumerate(queries)]


def _target(query: Query, *, ref_id: str) -> prometheus.Dataquery:
    target = prometheus.Dataquery().expr(query.expr).legend_format(query.legend).ref_id(ref_id).datasource(DATASOURCE)
    return target.exemplar(True) if query.exemplars else target
