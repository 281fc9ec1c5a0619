"""The dashboard *Stream*: does it flow, how late is it, what is lost, and where."""

from __future__ import annotations

from grafana_foundation_sdk.builders.dashboard import Dashboard, Row

from tools.dashboards.frame import CAMERA, GROUP, INSTANCE, camera, dashboard, group
from tools.dashboards.panels import (
    BYTES_PER_SECOND,
    COUNT,
    FRAMES_PER_SECOND,
    RATIO,
    RECORDS,
    SECONDS,
    Query,
    Steps,
    figure,
    heat,
    lines,
    rows,
)

# Of one camera, as one worker tells of it.
CAMERA_HERE = f"{CAMERA},{INSTANCE}"


def stream() -> Dashboard:
    board = dashboard(
        "Stream",
        uid="handstream-stream",
        about="Frames in, predictions out: rate, lag, latency, losses.",
        variables=(camera(), group()),
    )
    _overview(board)
    _throughput(board)
    _lag(board)
    _latency(board)
    _losses(board)
    return board


def _overview(board: Dashboard) -> None:
    board.with_row(Row("At a glance"))
    board.with_panel(
        figure(
            "Throughput",
            Query(
                expr=f"sum(rate(handstream_frames_processed_total{{{INSTANCE}}}[$__rate_interval]))", legend="frames"
            ),
            unit=FRAMES_PER_SECOND,
            about="Frames that reached their outcome in a second.",
        )
    )
    board.with_panel(
        figure(
            "Lag",
            Query(expr=f"sum(kafka_consumergroup_lag{{{GROUP}}})", legend="records"),
            unit=RECORDS,
            about="Records that the workers have not committed, as Kafka itself counts them.",
            steps=Steps(warning=300, critical=3000),
            decimals=0,
        )
    )
    board.with_panel(
        figure(
            "Lag in time",
            Query(expr=f"max(kafka_consumergroup_lag_seconds{{{GROUP}}})", legend="oldest"),
            unit=SECONDS,
            about="Age of the oldest record that waits.",
            steps=Steps(warning=10, critical=60),
        )
    )
    board.with_panel(
        figure(
            "Latency, 95 of 100",
            Query(expr=_quantile(0.95), legend="p95"),
            unit=SECONDS,
            about="From capture until the prediction is on the broker: 95 of 100 frames are faster.",
            steps=Steps(warning=0.5, critical=1),
            decimals=2,
        )
    )
    board.with_panel(
        figure(
            "Dead letters",
            Query(expr=f"sum(increase(handstream_dead_letters_total{{{INSTANCE}}}[1h]))", legend="dead letters"),
            unit=COUNT,
            about="Frames of the last hour that were themselves at fault and lie in frames.dlq.",
            steps=Steps(warning=1, critical=100),
            decimals=0,
        )
    )
    board.with_panel(
        figure(
            "Workers",
            Query(expr=f"sum(kafka_consumergroup_members{{{GROUP}}})", legend="members"),
            unit=COUNT,
            about="Members of the consumer group, as Kafka knows them.",
            steps=Steps(warning=1, critical=0.5),
            decimals=0,
        )
    )


def _throughput(board: Dashboard) -> None:
    board.with_row(Row("Throughput"))
    board.with_panel(
        lines(
            "Outcomes",
            Query(
                expr=f"sum by (status) (rate(handstream_frames_processed_total{{{INSTANCE}}}[$__rate_interval]))",
                legend="{{status}}",
            ),
            unit=FRAMES_PER_SECOND,
            about="Every frame is one of these. stale: skipped, since it was too old to be live.",
            stacked=True,
        )
    )
    board.with_panel(
        lines(
            "By camera",
            Query(
                expr=f"sum by (camera) (rate(handstream_camera_frames_total{{{CAMERA_HERE}}}[$__rate_interval]))",
                legend="{{camera}}",
            ),
            unit=FRAMES_PER_SECOND,
            about="Frames of each camera that reached their outcome. Cameras beyond the bound of names are `other`.",
        )
    )
    board.with_panel(
        lines(
            "Into Kafka, by partition",
            Query(
                expr='sum by (topic, partition) (rate(kafka_topic_partition_current_offset{topic=~".*frames"}'
                "[$__rate_interval]))",
                legend="{{topic}} {{partition}}",
            ),
            unit=FRAMES_PER_SECOND,
            about="Records written to each partition. A camera is always in one: two busy cameras may share it.",
        )
    )
    board.with_panel(
        lines(
            "Processed, by partition",
            Query(
                expr="sum by (consumergroup, topic, partition) "
                f"(rate(kafka_consumergroup_current_offset{{{GROUP}}}[$__rate_interval]))",
                legend="{{topic}} {{partition}}",
            ),
            unit=FRAMES_PER_SECOND,
            about="Records of each partition that the group has committed. One that stands still while records come in "
            "has a worker that is stuck.",
        )
    )
    board.with_panel(
        lines(
            "Published by producers",
            Query(
                expr=f"sum by (instance) (rate(handstream_producer_published_total{{{INSTANCE}}}[$__rate_interval]))",
                legend="{{instance}}",
            ),
            unit=FRAMES_PER_SECOND,
            about="Frames that the broker has confirmed to their producer.",
        )
    )
    board.with_panel(
        lines(
            "Bytes published",
            Query(
                expr="sum by (instance) "
                f"(rate(handstream_producer_published_bytes_total{{{INSTANCE}}}[$__rate_interval]))",
                legend="{{instance}}",
            ),
            unit=BYTES_PER_SECOND,
            about="Encoded pictures that were published.",
        )
    )


def _lag(board: Dashboard) -> None:
    board.with_row(Row("Lag"))
    board.with_panel(
        lines(
            "Records that wait",
            Query(
                expr=f"sum by (consumergroup, topic, partition) (kafka_consumergroup_lag{{{GROUP}}})",
                legend="{{topic}} {{partition}}",
            ),
            unit=RECORDS,
            about="By partition. Workers commit once a second, so a second's frames are always in it.",
        )
    )
    board.with_panel(
        lines(
            "Age of the oldest record that waits",
            Query(
                expr=f"max by (consumergroup, topic, partition) (kafka_consumergroup_lag_seconds{{{GROUP}}})",
                legend="{{topic}} {{partition}}",
            ),
            unit=SECONDS,
            about="It grows as the clock does while a worker is dead or stuck.",
        )
    )
    board.with_panel(
        lines(
            "Members of the group",
            Query(expr=f"sum by (consumergroup) (kafka_consumergroup_members{{{GROUP}}})", legend="{{consumergroup}}"),
            unit=COUNT,
            about="Kafka's own count.",
            span=6,
        )
    )
    board.with_panel(
        lines(
            "Partitions of each worker",
            Query(expr=f"sum by (instance) (handstream_assigned_partitions{{{INSTANCE}}})", legend="{{instance}}"),
            unit=COUNT,
            about="Shared out evenly, unless a worker is missing.",
            span=6,
        )
    )
    board.with_panel(
        lines(
            "Rebalances",
            Query(
                expr=f"sum by (instance) (increase(handstream_rebalances_total{{{INSTANCE}}}[$__rate_interval]))",
                legend="{{instance}}",
            ),
            unit=COUNT,
            about="Partitions were shared out anew. Many of them without a start or an end of a worker are a fault.",
            span=12,
        )
    )


def _latency(board: Dashboard) -> None:
    board.with_row(Row("Latency"))
    board.with_panel(
        heat(
            "From capture to prediction",
            f"handstream_end_to_end_seconds{{{INSTANCE}}}",
            unit=SECONDS,
            about="How many frames took how long. Points are exemplars: frames by name, with the trace that is kept.",
        )
    )
    board.with_panel(
        lines(
            "Quantiles",
            Query(expr=_quantile(0.5), legend="p50"),
            Query(expr=_quantile(0.95), legend="p95"),
            Query(expr=_quantile(0.99), legend="p99"),
            unit=SECONDS,
            about="The objective: 99 of 100 frames within a second.",
        )
    )
    board.with_panel(
        lines(
            "Where the time goes, 95 of 100",
            Query(
                expr="histogram_quantile(0.95, sum by (stage, le) "
                f"(rate(handstream_stage_seconds_bucket{{{INSTANCE}}}[$__rate_interval])))",
                legend="{{stage}}",
            ),
            unit=SECONDS,
            about="queue: from capture until a worker took the frame up.",
        )
    )
    board.with_panel(
        lines(
            "Publishing, 95 of 100",
            Query(
                expr="histogram_quantile(0.95, sum by (instance, le) "
                f"(rate(handstream_producer_publish_seconds_bucket{{{INSTANCE}}}[$__rate_interval])))",
                legend="{{instance}}",
            ),
            unit=SECONDS,
            about="From handing a frame to the Kafka client until the broker confirmed it.",
        )
    )


def _losses(board: Dashboard) -> None:
    board.with_row(Row("What is lost, and what is at fault"))
    board.with_panel(
        lines(
            "Dropped by producers",
            Query(
                expr="sum by (instance, reason) "
                f"(rate(handstream_producer_dropped_total{{{INSTANCE}}}[$__rate_interval]))",
                legend="{{instance}} {{reason}}",
            ),
            unit=FRAMES_PER_SECOND,
            about="A live camera drops its oldest frames when the broker does not keep up.",
            span=8,
            stacked=True,
        )
    )
    board.with_panel(
        lines(
            "Dropped of browsers",
            Query(
                expr=f"sum by (reason) (rate(handstream_gateway_camera_drops_total{{{INSTANCE}}}[$__rate_interval]))",
                legend="{{reason}}",
            ),
            unit=FRAMES_PER_SECOND,
            about="By the gateway. backlog and broker: the stream does not keep up. rate, size and image: a browser "
            "sends what it may not.",
            span=8,
            stacked=True,
        )
    )
    board.with_panel(
        lines(
            "Share that was skipped or at fault",
            Query(expr=_share("stale"), legend="stale"),
            Query(expr=_share("dead_letter"), legend="dead letter"),
            unit=RATIO,
            about="Of all outcomes.",
            span=8,
            maximum=1,
        )
    )
    board.with_panel(
        lines(
            "Dead letters by reason",
            Query(
                expr=f"sum by (reason) (rate(handstream_dead_letters_total{{{INSTANCE}}}[$__rate_interval]))",
                legend="{{reason}}",
            ),
            unit=FRAMES_PER_SECOND,
            about="`handstream dlq list` shows them.",
            span=8,
            stacked=True,
        )
    )
    board.with_panel(
        lines(
            "Dead letters by camera",
            Query(
                expr=f"sum by (camera) (rate(handstream_camera_dead_letters_total{{{CAMERA_HERE}}}[$__rate_interval]))",
                legend="{{camera}}",
            ),
            unit=FRAMES_PER_SECOND,
            about="By the camera that they name.",
            span=8,
            stacked=True,
        )
    )
    board.with_panel(
        lines(
            "In flight at producers",
            Query(expr=f"sum by (instance) (handstream_producer_in_flight{{{INSTANCE}}})", legend="{{instance}}"),
            unit=COUNT,
            about="Frames not yet confirmed. Beyond the bound a file waits and a camera drops.",
            span=8,
        )
    )
    board.with_panel(
        rows(
            "Cameras, seconds since the last frame",
            Query(
                expr="sort_desc(time() - max by (camera) "
                f"(handstream_camera_last_frame_timestamp_seconds{{{CAMERA_HERE}}}))",
                legend="{{camera}}",
            ),
            unit=SECONDS,
            about="Of live cameras whose stream has not ended, as the workers see them.",
            span=24,
        )
    )


def _quantile(share: float) -> str:
    rate = f"rate(handstream_end_to_end_seconds_bucket{{{INSTANCE}}}[$__rate_interval])"
    return f"histogram_quantile({share}, sum by (le) ({rate}))"


def _share(status: str) -> str:
    one = f'handstream_frames_processed_total{{status="{status}",{INSTANCE}}}'
    return (
        f"(sum(rate({one}[$__rate_interval])) or vector(0))"
        f" / sum(rate(handstream_frames_processed_total{{{INSTANCE}}}[$__rate_interval]))"
    )
