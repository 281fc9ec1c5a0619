"""What all dashboards have in common: time, variables, links to each other, the model's versions as annotations."""

from __future__ import annotations

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
# A model's version that is served now and was not a minute ago.
NEW_MODEL = (
    "sum by (name, version) (handstream_model_info) unless sum by (name, version) (handstream_model_info offset 1m)"
)


def dashboard(title: str, *, uid: str, about: str) -> Dashboard:
    return (
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
        .with_variable(_variable("camera", "Camera", "label_values(handstream_camera_frames_total, camera)"))
        .with_variable(_variable("group", "Group", "label_values(kafka_consumergroup_lag, consumergroup)"))
        .with_variable(_variable("instance", "Instance", 'label_values(up{job=~"handstream-.*"}, instance)'))
    )


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
