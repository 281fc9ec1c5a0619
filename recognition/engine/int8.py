"""A network in 8-bit integers, from the ranges that its values were seen to have.

Convolutions get rounded inputs and weights: both are multiples of a step, so that OpenVINO computes them with the
processor's instructions for 8 bits (the scheme of B. Jacob et al., "Quantization and Training of Neural Networks for
Efficient Integer-Arithmetic-Only Inference", 2018: inputs by tensor with 256 steps, weights symmetric by output
channel). Convolutions of single channels stay as they are: in 8 bits they are no faster here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recognition.without_modules import MODEL_CONVERSION, without_modules

with without_modules(*MODEL_CONVERSION):
    from openvino import opset13 as ops

_INPUT_STEPS = 256
# Odd, so that zero is one of them.
_WEIGHT_STEPS = 255
RANGES_FILE = Path(__file__).parent / "int8_ranges.json"
CPU_INFORMATION = Path("/proc/cpuinfo")
# Products of 8-bit integers summed in 32 bits by one instruction: without it int8 is no faster.
_FAST_INT8 = frozenset({"avx512_vnni", "avx_vnni", "amx_int8"})

# Least and greatest value of the inputs of convolutions, by their number in the network's order.
Ranges = Mapping[int, tuple[float, float]]


def processor_is_fast_with_int8(cpu_information: Path = CPU_INFORMATION) -> bool:
    """Whether the processor multiplies 8-bit integers faster than floats, as Linux says of it; elsewhere False."""
    try:
        text = cpu_information.read_text(encoding="ascii", errors="replace")
    except OSError:
        return False
    return any(line.startswith("flags") and not _FAST_INT8.isdisjoint(line.split()) for line in text.splitlines())


def known_ranges(member: str, *, sha256: str) -> Ranges | None:
    """The ranges measured for a network of the landmark model; None for one that they were not measured for."""
    known = json.loads(RANGES_FILE.read_text(encoding="utf-8")).get(member)
    if known is None or known["sha256"] != sha256:
        return None
    return {int(number): (low, high) for number, (low, high) in known["ranges"].items()}


def convolutions(model: Any) -> list[Any]:
    """Those over all channels, in the network's order."""
    return [node for node in model.get_ordered_ops() if node.get_type_name() == "Convolution"]


def quantise(model: Any, ranges: Ranges) -> None:
    """Round inputs and weights of the convolutions that have a range, in place."""
    for number, convolution in enumerate(convolutions(model)):
        if number not in ranges:
            continue
        weights = _constant(convolution.input_value(1))
        largest = np.maximum(np.abs(weights).max(axis=(1, 2, 3), keepdims=True), np.finfo(np.float32).tiny)
        low, high = (np.float32(bound) for bound in _with_zero(*ranges[number]))
        rounded_weights = ops.fake_quantize(ops.constant(weights), -largest, largest, -largest, largest, _WEIGHT_STEPS)
        rounded_input = ops.fake_quantize(convolution.input_value(0), low, high, low, high, _INPUT_STEPS)
        convolution.input(0).replace_source_output(rounded_input.output(0))
        convolution.input(1).replace_source_output(rounded_weights.output(0))
    model.validate_nodes_and_infer_types()


def _with_zero(low: float, high: float) -> tuple[float, float]:
    """The range moved so that zero, with which images are padded, is one of its steps."""
    low, high = min(low, 0.0), max(high, 0.0)
    step = (high - low) / (_INPUT_STEPS - 1)
    steps_below = round(-low / step)
    return -steps_below * step, (_INPUT_STEPS - 1 - steps_below) * step


def _constant(output: Any) -> NDArray[np.float32]:
    """The value of weights, which the file holds in 16 bits and the network converts."""
    *_, constant = _ancestors(output.get_node())
    return np.asarray(constant.data, dtype=np.float32)


def _ancestors(node: Any) -> Iterator[Any]:
    yield node
    while node.get_type_name() == "Convert":
        node = node.input_value(0).get_node()
        yield node
