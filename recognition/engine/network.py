"""A neural network from uint8 pixels to arrays, run by OpenVINO."""

from __future__ import annotations

import hashlib
import tempfile
import threading
import zipfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from imaging.decoding import Pixels
from recognition.engine.int8 import known_ranges, processor_is_fast_with_int8, quantise
from recognition.engine.precision import Precision
from recognition.without_modules import MODEL_CONVERSION, without_modules

with without_modules(*MODEL_CONVERSION):
    import openvino as ov
    from openvino.preprocess import PrePostProcessor

Floats32 = NDArray[np.float32]


# OpenVINO sets the process' locale to "C" while it reads a model and then sets what it found before: two at once would
# leave "C", and with it ASCII as the encoding of files and pipes.
_COMPILING = threading.Lock()


@cache
def _core() -> ov.Core:
    """One for the process, never released.

    Where the last one was released, SIGINT has ended the process with a segmentation fault (OpenVINO 2026.4.1: evaluate
    images, then Ctrl-C in a training of the same process). Kept, it has not.
    """
    return ov.Core()


class Network(Protocol):
    """A network with one square RGB image as its input."""

    @property
    def side_px(self) -> int: ...

    @property
    def input(self) -> Pixels:
        """(side, side, 3) uint8 of the calling thread: fill it, then call `run`."""

    def run(self) -> tuple[Floats32, ...]:
        """Outputs for what `input` holds, valid until the calling thread's next run."""


@dataclass(slots=True)
class _Request:
    pixels: Pixels
    infer: Any
    outputs: tuple[Floats32, ...]


class OpenVinoNetwork:
    """One compiled network; each thread that calls it gets an inference request of its own.

    One thread an inference: workers use the cores by processes, and a frame that is alone does not gain from two.
    """

    def __init__(self, compiled: Any, *, side_px: int) -> None:
        self._compiled = compiled
        self._side_px = side_px
        self._of_thread = threading.local()

    @property
    def side_px(self) -> int:
        return self._side_px

    @property
    def input(self) -> Pixels:
        return self._request().pixels

    def run(self) -> tuple[Floats32, ...]:
        request = self._request()
        request.infer.infer()
        return request.outputs

    def _request(self) -> _Request:
        request: _Request | None = getattr(self._of_thread, "request", None)
        if request is None:
            request = self._of_thread.request = self._create()
        return request

    def _create(self) -> _Request:
        infer = self._compiled.create_infer_request()
        batch = np.zeros((1, self._side_px, self._side_px, 3), dtype=np.uint8)
        infer.set_input_tensor(ov.Tensor(batch, shared_memory=True))
        # By name: the order of a network's outputs is not its author's. TFLite's are called Identity, Identity_1, …
        ports = sorted(self._compiled.outputs, key=lambda port: min(port.get_names()))
        outputs = tuple(infer.get_tensor(port).data for port in ports)
        return _Request(pixels=batch[0], infer=infer, outputs=outputs)


class NetworkCompiler:
    """Compiles the networks of a `.task` file (a zip of TFLite models).

    cache_dir: where compiled networks are kept, which makes the next start faster; None: nowhere.
    """

    def __init__(self, task: Path, *, precision: Precision = Precision.AUTO, cache_dir: Path | None = None) -> None:
        self._task = task
        self._core = _core()
        self._precision = self._best() if precision is Precision.AUTO else precision
        self._options: dict[str, Any] = {
            "INFERENCE_PRECISION_HINT": Precision.BF16 if self._precision is Precision.BF16 else Precision.F32,
            "INFERENCE_NUM_THREADS": 1,
            "NUM_STREAMS": 1,
            "PERFORMANCE_HINT": "LATENCY",
            # Each process would pin its one thread to the first core, and all workers would share it.
            "ENABLE_CPU_PINNING": False,
        }
        if cache_dir is not None:
            self._options["CACHE_DIR"] = str(cache_dir)

    def compile(self, member: str) -> OpenVinoNetwork:
        with _COMPILING:
            model, sha256 = self.read(member)
            if self._precision is Precision.INT8 and (ranges := known_ranges(member, sha256=sha256)) is not None:
                quantise(model, ranges)
            compiled = self._core.compile_model(model, "CPU", self._options)
        return OpenVinoNetwork(compiled, side_px=int(model.input().shape[1]))

    def read(self, member: str) -> tuple[Any, str]:
        """The network with uint8 pixels as its input, not yet compiled, and the SHA-256 of its file."""
        # OpenVINO reads TFLite from files alone.
        with zipfile.ZipFile(self._task) as archive, tempfile.TemporaryDirectory() as folder:
            file = Path(archive.extract(member, folder))
            steps = PrePostProcessor(self._core.read_model(file))
            steps.input().tensor().set_element_type(ov.Type.u8)
            steps.input().preprocess().convert_element_type(ov.Type.f32).scale(255.0)
            return steps.build(), hashlib.sha256(file.read_bytes()).hexdigest()

    def _best(self) -> Precision:
        if "BF16" in self._core.get_property("CPU", "OPTIMIZATION_CAPABILITIES"):
            return Precision.BF16
        return Precision.INT8 if processor_is_fast_with_int8() else Precision.F32
