"""A plan as a table and as JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import msgspec
from rich.table import Table

from handstream.plan.costs import Costs
from handstream.plan.plan import CameraPlan, KafkaPlan, Workload, warnings


def plan_table(workload: Workload, kafka: KafkaPlan, camera: CameraPlan) -> Table:
    title = (
        f"{workload.cameras:,} cameras, {workload.fps:g} frames/s each, {workload.width} x {workload.height} pixels, "
        f"{workload.active:.0%} of the frames with a hand or motion"
    )
    table = Table("", "frames through Kafka", "recognition at the camera", title=title, title_justify="left")
    for row in _rows(workload, kafka, camera):
        table.add_row(*row)
    return table


def _rows(workload: Workload, kafka: KafkaPlan, camera: CameraPlan) -> list[tuple[str, str, str]]:
    per_process = f"{workload.cores_per_machine} core{'s' if workload.cores_per_machine > 1 else ''} each"
    return [
        ("frames per second", f"{workload.frames_per_second:,.0f}", f"{workload.frames_per_second:,.0f}"),
        ("processor time per frame", f"{kafka.ms_per_frame:.1f} ms", f"{camera.ms_per_frame:.1f} ms"),
        ("partitions", f"{kafka.partitions:,}", f"{camera.partitions:,}"),
        ("worker processes", f"{kafka.processes:,}", "none: each camera has its own"),
        ("worker machines", f"{kafka.machines:,} with {per_process}", "none"),
        ("cores at work", f"{kafka.cores:,.1f}", f"{camera.cores_per_camera:.2f} at each camera"),
        ("load of a process, of the busiest", f"{kafka.load:.0%}, {kafka.busiest_load:.0%}", ""),
        (
            "memory of the workers",
            f"{gibibytes(kafka.memory_mib)}, {kafka.process_mib:,.0f} MiB a process",
            f"{camera.memory_per_camera_mib:,.0f} MiB at each camera",
        ),
        ("broker cores", f"{kafka.broker_cores:,.1f}", f"{camera.broker_cores:,.1f}"),
        ("into the brokers", rate(kafka.broker_in), rate(camera.broker_in)),
        ("out of the brokers", rate(kafka.broker_out), rate(camera.broker_out)),
        ("between the brokers", rate(kafka.replication), rate(camera.replication)),
        ("disk of all brokers", size(kafka.disk_bytes), size(camera.disk_bytes)),
    ]


def plan_json(workload: Workload, kafka: KafkaPlan, camera: CameraPlan, costs: Costs, *, measured_here: bool) -> bytes:
    """One line. Units are those of the fields' documentation: ms, MiB, bytes, bytes per second."""
    document: dict[str, Any] = {
        "workload": asdict(workload),
        "kafka": asdict(kafka),
        "warnings": warnings(workload, kafka),
        "at_camera": asdict(camera),
        "costs": costs,
        "costs_measured_here": measured_here,
    }
    return msgspec.json.encode(document)


def costs_line(costs: Costs, *, measured_here: bool) -> str:
    where = f"{costs.machine}, engine {costs.engine}, {costs.measured_at[:10]}"
    if measured_here:
        return f"Costs as measured on this machine: {where}"
    return f"Costs as measured on another machine: {where}; measure this one with `handstream plan --calibrate`"


def rate(bytes_per_second: float) -> str:
    """Network engineers count bits."""
    return f"{bytes_per_second / 1e6:,.2f} MB/s ({bytes_per_second * 8 / 1e6:,.0f} Mbit/s)"


def size(count: float) -> str:
    for unit, factor in (("TB", 1e12), ("GB", 1e9)):
        if count >= factor:
            return f"{count / factor:,.1f} {unit}"
    return f"{count / 1e6:,.0f} MB"


def gibibytes(mebibytes: float) -> str:
    return f"{mebibytes / 1024:,.1f} GiB"
