"""The dashboard *Model and data*: what the cameras show, how sure the model is, and whether both still fit."""

from __future__ import annotations

from grafana_foundation_sdk.builders.dashboard import Dashboard, Row

from tools.dashboards.frame import INSTANCE, dashboard
from tools.dashboards.panels import COUNT, FRAMES_PER_SECOND, RATIO, Query, Steps, bars, figure, heat, lines, pie, rows

# What people do changes the class mix and the share without a hand, and is no fault.
JUDGED = 'feature=~"confidence|landmarks"'


def model_and_data() -> Dashboard:
    board = dashboard(
        "Model and data", uid="handstream-model", about="Classes, confidence, completeness, drift and accuracy."
    )
    _overview(board)
    _predictions(board)
    _drift(board)
    _training(board)
    return board


def _overview(board: Dashboard) -> None:
    board.with_row(Row("At a glance"))
    board.with_panel(
        figure(
            "Live accuracy",
            Query(expr=_live_accuracy("10m"), legend="accuracy"),
            unit=RATIO,
            about="Share of the labelled frames of ten minutes that were named rightly. Empty where no labels travel.",
            steps=Steps(warning=0.9, critical=0.7),
            span=6,
        )
    )
    board.with_panel(
        figure(
            "Completeness",
            Query(expr=_completeness("5m"), legend="completeness"),
            unit=RATIO,
            about="Share of the frames with a whole hand inside the picture.",
            span=6,
        )
    )
    board.with_panel(
        figure(
            "Median confidence",
            Query(expr=_confidence(0.5), legend="median"),
            unit=RATIO,
            about="Probability of the gesture named, by the classifier.",
            span=6,
            decimals=2,
        )
    )
    board.with_panel(
        figure(
            "Largest drift",
            Query(expr=f"max(handstream_drift_distance_ratio{{{JUDGED}, {INSTANCE}}})", legend="distance"),
            unit=COUNT,
            about="Jensen-Shannon distance of landmarks or confidence to the model's reference, 0 to 1.",
            steps=Steps(warning=0.3, critical=0.4),
            span=6,
            decimals=2,
        )
    )


def _predictions(board: Dashboard) -> None:
    board.with_row(Row("What is seen"))
    board.with_panel(
        lines(
            "Predictions by gesture",
            Query(
                expr=f"sum by (gesture) (rate(handstream_predictions_total{{{INSTANCE}}}[$__rate_interval])) > 0",
                legend="{{gesture}}",
            ),
            unit=FRAMES_PER_SECOND,
            about="Hands named as each gesture. no_gesture is a hand that makes none.",
            stacked=True,
        )
    )
    board.with_panel(
        pie(
            "Class distribution",
            Query(
                expr=f"sum by (gesture) (increase(handstream_predictions_total{{{INSTANCE}}}[15m])) > 0",
                legend="{{gesture}}",
            ),
            unit=COUNT,
            about="Of a quarter of an hour.",
            span=12,
        )
    )
    board.with_panel(
        heat(
            "Confidence",
            f"handstream_prediction_confidence_ratio{{{INSTANCE}}}",
            unit=RATIO,
            about="Probability of the gesture named. Low ones: the model sees what it does not know.",
        )
    )
    board.with_panel(
        lines(
            "Frames without a hand, and with a whole one",
            Query(expr=_completeness("$__rate_interval"), legend="with a whole hand"),
            Query(expr=_no_hand("$__rate_interval"), legend="without a hand"),
            unit=RATIO,
            about="Shares of the frames that were looked at.",
            maximum=1,
        )
    )
    board.with_panel(
        heat(
            "Hands a frame",
            f"handstream_hands_per_frame{{{INSTANCE}}}",
            unit=COUNT,
            about="0, 1 or 2.",
        )
    )
    board.with_panel(
        lines(
            "Live accuracy",
            Query(expr=_live_accuracy("$__rate_interval"), legend="accuracy"),
            unit=RATIO,
            about="Of frames that bring their label, as those of the synthetic camera and of labelled folders do.",
            maximum=1,
        )
    )


def _drift(board: Dashboard) -> None:
    board.with_row(Row("Drift"))
    board.with_panel(
        lines(
            "Distance to the reference",
            Query(
                expr=f"max by (feature) (handstream_drift_distance_ratio{{{INSTANCE}}})",
                legend="{{feature}}",
            ),
            unit=COUNT,
            about="Jensen-Shannon distance, 0 to 1, between the window and the reference of the model. Class mix and "
            "the share without a hand change with what people do, and raise no alert.",
            maximum=1,
        )
    )
    board.with_panel(
        lines(
            "Frames in the window",
            Query(expr=f"sum by (instance) (handstream_drift_window_frames{{{INSTANCE}}})", legend="{{instance}}"),
            unit=COUNT,
            about="With too few of them no distance is told.",
        )
    )


def _training(board: Dashboard) -> None:
    board.with_row(Row("The model that is served, and its training"))
    board.with_panel(
        rows(
            "Model",
            Query(
                expr=f"count by (name, version, kind) (handstream_model_info{{{INSTANCE}}})",
                legend="{{name}} {{version}}",
            ),
            unit=COUNT,
            about="More than one line: processes serve different ones.",
            span=8,
        )
    )
    board.with_panel(
        bars(
            "Accuracy on held-out hands, by kind",
            Query(expr=f"max by (kind) (handstream_model_evaluation_accuracy_ratio{{{INSTANCE}}})", legend="{{kind}}"),
            unit=RATIO,
            about="In the run of the served model.",
            span=8,
            maximum=1,
        )
    )
    board.with_panel(
        bars(
            "Accuracy on the hands trained on, by kind",
            Query(expr=f"max by (kind) (handstream_model_training_accuracy_ratio{{{INSTANCE}}})", legend="{{kind}}"),
            unit=RATIO,
            about="Far above the other, the kind has learned its data by heart.",
            span=8,
            maximum=1,
        )
    )
    board.with_panel(
        bars(
            "Hands trained on",
            Query(
                expr=f"sort_desc(max by (gesture) (handstream_training_data_hands{{{INSTANCE}}}))", legend="{{gesture}}"
            ),
            unit=COUNT,
            about="A gesture of few hands is one that is often missed.",
        )
    )
    board.with_panel(
        figure(
            "Completeness of the training data",
            Query(expr=f"max(handstream_training_data_completeness_ratio{{{INSTANCE}}})", legend="completeness"),
            unit=RATIO,
            about="Share of what the sources held that could be trained on.",
            span=4,
        )
    )
    board.with_panel(
        figure(
            "People",
            Query(expr=f"max(handstream_training_data_people{{{INSTANCE}}})", legend="people"),
            unit=COUNT,
            about="Known people whose hands were trained on.",
            span=4,
            decimals=0,
        )
    )
    board.with_panel(
        figure(
            "Models taken up",
            Query(expr=f"sum(handstream_model_swaps_total{{{INSTANCE}}})", legend="swaps"),
            unit=COUNT,
            about="Without a restart, since the processes started.",
            span=4,
            decimals=0,
        )
    )


def _live_accuracy(window: str) -> str:
    labelled = f"handstream_labelled_frames_total{{{INSTANCE}}}"
    right = f'handstream_labelled_frames_total{{result="right",{INSTANCE}}}'
    return f"sum(rate({right}[{window}])) / sum(rate({labelled}[{window}]))"


def _seen(window: str) -> str:
    return f'sum(rate(handstream_frames_processed_total{{status=~"ok|no_hand",{INSTANCE}}}[{window}]))'


def _completeness(window: str) -> str:
    return f"sum(rate(handstream_complete_frames_total{{{INSTANCE}}}[{window}])) / {_seen(window)}"


def _no_hand(window: str) -> str:
    one = f'handstream_frames_processed_total{{status="no_hand",{INSTANCE}}}'
    return f"(sum(rate({one}[{window}])) or vector(0)) / {_seen(window)}"


def _confidence(share: float) -> str:
    rate = f"rate(handstream_prediction_confidence_ratio_bucket{{{INSTANCE}}}[5m])"
    return f"histogram_quantile({share}, sum by (le) ({rate}))"
