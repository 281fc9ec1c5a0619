"""The dashboards as the files that Grafana is provisioned with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from grafana_foundation_sdk.cog.encoder import JSONEncoder

from tools.dashboards.model_and_data import model_and_data
from tools.dashboards.server import server
from tools.dashboards.stream import stream

FOLDER = Path(__file__).parents[2] / "grafana" / "dashboards"


def documents() -> dict[str, str]:
    """The JSON of each dashboard, by its file's name."""
    boards = {"stream.json": stream(), "model-and-data.json": model_and_data(), "server.json": server()}
    return {name: _text(board.build()) for name, board in boards.items()}


def _text(board: Any) -> str:
    document = json.loads(json.dumps(board, cls=JSONEncoder))
    for annotation in document["annotations"]["list"]:
        # Of the Prometheus data source, which the builder does not know.
        annotation |= {"titleFormat": "Model {{name}} {{version}}", "step": "30s"}
    for number, panel in enumerate(document["panels"], start=1):
        panel["id"] = number
    return json.dumps(document, indent=2, sort_keys=True) + "\n"
