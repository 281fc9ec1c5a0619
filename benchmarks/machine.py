"""What the figures were measured on and with."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path

import psutil

from benchmarks.contender import PEERS_PYTHON, ROOT
from benchmarks.results import Machine
from broker.embedded.lock import KAFKA_VERSION
from stream_app.cli import core_count

_OURS = ("mediapipe", "openvino", "opencv-python-headless", "faust-streaming", "aiokafka", "kafka-python")
_PEERS = ("quixstreams", "confluent-kafka", "fastapi", "uvicorn")
_LIST_VERSIONS = "import importlib.metadata as m, sys; print('\\n'.join(m.version(name) for name in sys.argv[1:]))"


def this_machine() -> Machine:
    processor, flags = _processor()
    return Machine(
        processor=processor,
        cores=core_count(),
        has_bf16=bool({"avx512_bf16", "amx_bf16"} & flags),
        memory_gib=round(psutil.virtual_memory().total / 2**30, 1),
        system=f"{platform.system()} {platform.release()}",
        python=platform.python_version(),
        commit=_commit(),
        versions={"kafka": KAFKA_VERSION, **{name: version(name) for name in _OURS}, **_peer_versions()},
    )


def _processor() -> tuple[str, set[str]]:
    """Name and features, as Linux tells them."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine(), set()
    known = {name.strip(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return known.get("model name", platform.machine()), set(known.get("flags", "").split())


def _peer_versions() -> dict[str, str]:
    if not PEERS_PYTHON.exists():
        return {}
    asked = subprocess.run(
        [str(PEERS_PYTHON), "-c", _LIST_VERSIONS, *_PEERS], capture_output=True, text=True, check=True
    )
    return dict(zip(_PEERS, asked.stdout.split(), strict=True))


def _commit() -> str:
    try:
        asked = subprocess.run(
            ["git", "-C", str(ROOT), "describe", "--always", "--dirty"],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "LC_ALL": "C"},
        )
    except (OSError, subprocess.CalledProcessError):
        return ""
    return asked.stdout.strip()
