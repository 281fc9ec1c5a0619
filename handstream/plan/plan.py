"""The arithmetic. docs/performance.md has the formulas in words; the names are the same."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil, sqrt

from handstream.plan.costs import Costs

# Keys are hashed, so some processes get more cameras than others: beyond the mean by so many standard deviations.
HASHING_DEVIATIONS = 2.0
# Above this load a process falls behind.
MAX_BUSIEST_LOAD = 0.95
# What HANDSTREAM_PARTITIONS allows.
MAX_PARTITIONS = 1000
# So that processes can join and leave and their shares stay nearly equal.
PARTITIONS_PER_PROCESS = 4
# Retention deletes whole segments only: what is past its time stays until its segment is.
# A segment is closed at this size or after this time (Kafka's segment.bytes and segment.ms).
SEGMENT_BYTES = 1 << 30
SEGMENT_SECONDS = 7 * 24 * 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """active: share of the frames (0..1) with a hand or motion. max_load: share of a core that a worker process uses on
    average. readers: consumers that read all predictions. cores_per_machine: of the machines that run workers.

    partitions: of topics that hold predictions only. Retention and replication are those of the topics.
    """

    cameras: int
    fps: float
    width: int
    height: int
    active: float
    max_load: float
    readers: int
    cores_per_machine: int
    partitions: int
    frames_retention_seconds: float
    predictions_retention_seconds: float
    replication_factor: int

    @property
    def frames_per_second(self) -> float:
        return self.cameras * self.fps


@dataclass(frozen=True, slots=True, kw_only=True)
class KafkaPlan:
    """Frames through Kafka.

    ms_per_frame: processor time of a worker. load, busiest_load: of a worker process, of the one with the most cameras.
    bandwidths in bytes per second, of all brokers together. disk_bytes: of all replicas.
    """

    ms_per_frame: float
    cores: float
    processes: int
    machines: int
    partitions: int
    load: float
    busiest_load: float
    process_mib: float
    memory_mib: float
    broker_cores: float
    broker_in: float
    broker_out: float
    replication: float
    disk_bytes: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraPlan:
    """Recognition at the camera: only predictions travel.

    cores_per_camera: of a core like those on which the costs were measured. Otherwise as in KafkaPlan.
    """

    partitions: int
    ms_per_frame: float
    cores_per_camera: float
    memory_per_camera_mib: float
    broker_cores: float
    broker_in: float
    broker_out: float
    replication: float
    disk_bytes: float


def plan_kafka(workload: Workload, costs: Costs) -> KafkaPlan:
    size = costs.at(workload.width * workload.height)
    rate = workload.frames_per_second
    ms_per_frame = recognition_ms(workload, costs) + costs.worker.of(size.frame_bytes)
    processes = _processes(workload, ms_per_frame)
    process_mib = costs.worker_mib + costs.camera_mib * workload.cameras / processes
    bytes_in = rate * (size.frame_bytes + costs.prediction_bytes)
    partitions = max(processes, min(workload.cameras, PARTITIONS_PER_PROCESS * processes, MAX_PARTITIONS))
    kept = _kept_bytes(
        rate * size.frame_bytes, seconds=workload.frames_retention_seconds, partitions=partitions
    ) + _kept_bytes(
        rate * costs.prediction_bytes, seconds=workload.predictions_retention_seconds, partitions=partitions
    )
    return KafkaPlan(
        ms_per_frame=ms_per_frame,
        cores=processes * _load(workload, ms_per_frame, processes),
        processes=processes,
        machines=ceil(processes / workload.cores_per_machine),
        partitions=partitions,
        load=_load(workload, ms_per_frame, processes),
        busiest_load=_busiest_load(workload, ms_per_frame, processes),
        process_mib=process_mib,
        memory_mib=processes * process_mib,
        broker_cores=rate * costs.broker.of(size.frame_bytes) / 1000 * workload.replication_factor,
        broker_in=bytes_in,
        broker_out=rate * (size.frame_bytes + costs.prediction_bytes * workload.readers),
        replication=bytes_in * (workload.replication_factor - 1),
        disk_bytes=kept * workload.replication_factor,
    )


def plan_at_camera(workload: Workload, costs: Costs) -> CameraPlan:
    rate = workload.frames_per_second
    ms_per_frame = recognition_ms(workload, costs)
    bytes_in = rate * costs.prediction_bytes
    return CameraPlan(
        partitions=workload.partitions,
        ms_per_frame=ms_per_frame,
        cores_per_camera=workload.fps * ms_per_frame / 1000,
        memory_per_camera_mib=costs.worker_mib + costs.camera_mib,
        broker_cores=rate * costs.broker.of(costs.prediction_bytes) / 1000 * workload.replication_factor,
        broker_in=bytes_in,
        broker_out=bytes_in * workload.readers,
        replication=bytes_in * (workload.replication_factor - 1),
        disk_bytes=workload.replication_factor
        * _kept_bytes(bytes_in, seconds=workload.predictions_retention_seconds, partitions=workload.partitions),
    )


def recognition_ms(workload: Workload, costs: Costs) -> float:
    """Processor time to decode a frame and look at it, on average."""
    size = costs.at(workload.width * workload.height)
    active_ms = size.decode_ms + costs.landmarks_ms
    return workload.active * active_ms + (1 - workload.active) * size.idle_ms


def _kept_bytes(bytes_per_second: float, *, seconds: float, partitions: int) -> float:
    """What is within its time, and up to one segment of each partition beyond."""
    return bytes_per_second * seconds + min(partitions * SEGMENT_BYTES, bytes_per_second * SEGMENT_SECONDS)


def _load(workload: Workload, ms_per_frame: float, processes: int) -> float:
    return workload.frames_per_second * ms_per_frame / 1000 / processes


def _busiest_load(workload: Workload, ms_per_frame: float, processes: int) -> float:
    """Cameras of a process are binomially distributed: each falls to it with the chance 1 / processes."""
    mean = workload.cameras / processes
    most = min(workload.cameras, mean + HASHING_DEVIATIONS * sqrt(mean * (1 - 1 / processes)))
    return most * workload.fps * ms_per_frame / 1000


def _processes(workload: Workload, ms_per_frame: float) -> int:
    """As few as keep the average within its limit. More than cameras would have nothing to do."""
    return min(workload.cameras, max(1, ceil(_load(workload, ms_per_frame, 1) / workload.max_load)))


def warnings(workload: Workload, plan: KafkaPlan) -> list[str]:
    """What this plan does not hold, and the way out."""
    found = []
    alone = workload.fps * plan.ms_per_frame / 1000
    if alone > MAX_BUSIEST_LOAD:
        found.append(
            f"A camera alone needs {alone:.0%} of a core, and its frames are processed one after the other: send fewer "
            "or smaller frames."
        )
    elif plan.busiest_load > MAX_BUSIEST_LOAD:
        found.append(
            f"Cameras are assigned by the hash of their name, and the busiest process may get {plan.busiest_load:.0%} "
            f"of what it can do: it would skip frames as stale. {_way_out(workload, plan)}"
        )
    if plan.partitions > MAX_PARTITIONS:
        found.append(
            f"A topic has at most {MAX_PARTITIONS:,} partitions: divide the cameras among "
            f"{ceil(plan.partitions / MAX_PARTITIONS)} installations, each with a topic prefix of its own."
        )
    return found


def _way_out(workload: Workload, plan: KafkaPlan) -> str:
    for percent in range(int(workload.max_load * 100), 4, -1):
        less = replace(workload, max_load=percent / 100)
        processes = _processes(less, plan.ms_per_frame)
        if _busiest_load(less, plan.ms_per_frame, processes) <= MAX_BUSIEST_LOAD:
            return f"--max-load {percent / 100:g} avoids it, with {processes:,} processes."
    return "Fewer frames per second avoid it."
