"""What all dashboards have in common: time, variables, links to each other, the model's versions as annotations."""

from __future__ import annotations

from collections.abc import Sequence

from grafana_foundation_sdk.builders.dashboard import (
    AnnotationQuery,
    Dashboard,
    DashboardLink,
    DatasourceVariable,
    QueryVariable,
)
from grafana_foundation_sdk.models import dashboard as models

from tools.dashboards.panels import DATASOURCE

TAG = "handstream"
# Each has its variable: what is chosen there. INSTANCE: of whatever a process of ours tells of itself; what the monitor
# tells of Kafka is true of no process and stays whole, whichever are chosen.
CAMERA = 'camera=~"$camera"'
GROUP = 'consumergroup=~"$group"'
INSTANCE = 'instance=~"$instance"'
_MODEL = f"handstream_model_info{{{INSTANCE}}}"
# A model's version that is served now and was not a minute ago.
NEW_MODEL = f"sum by (name, version) ({_MODEL}) unless sum by (name, version) ({_MODEL} offset 1m)"


def dashboard(title: str, *, uid: str, about: str, variables: Sequence[QueryVariable] = ()) -> Dashboard:
    """variables: that its queries use, besides the instance, which all do."""
    board = (
        Dashboard(title)
        .uid(uid)
        .description(about)
        .tags([TAG])
        .refresh("5s")
        .time("now-15m", "now")
        .tooltip(models.DashboardCursorSync.CROSSHAIR)
        .link(
            DashboardLink("Handstream")
            .type(models.DashboardLinkType.DASHBOARDS)
            .tags([TAG])
            .as_dropdown(True)
            .keep_time(True)
        )
        .annotation(
            AnnotationQuery().name("Model").datasource(DATASOURCE).enable(True).icon_color("purple").expr(NEW_MODEL)
        )
        .with_variable(DatasourceVariable("datasource").label("Data source").type("prometheus"))
    )
    for variable in (*variables, _variable("instance", "Instance", 'label_values(up{job=~"handstream-.*"}, instance)')):
        board = board.with_variable(variable)
    return board


def camera() -> QueryVariable:
    return _variable("camera", "Camera", "label_values(handstream_camera_frames_total, camera)")


def group() -> QueryVariable:
    return _variable("group", "Group", "label_values(kafka_consumergroup_lag, consumergroup)")


def _variable(name: str, label: str, query: str) -> QueryVariable:
    """All of them where none is chosen; asked again as the time range changes, since instances come and go."""
    return (
        QueryVariable(name)
        .label(label)
        .datasource(DATASOURCE)
        .query(query)
        .refresh(models.VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(models.VariableSort.ALPHABETICAL_ASC)
        .multi(True)
        .include_all(True)
        .all_value(".*")
        .current(models.VariableOption(selected=True, text="All", value="$__all"))
    )
