"""Whether a model's probabilities mean what they say."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recognition.features import Floats

BINS = 15


def expected_calibration_error(confidences: Floats, right: NDArray[np.bool_], *, bins: int = BINS) -> float:
    """Mean gap between confidence and share of right answers, over bins of equal width, weighted by their hands.

    0 is perfect, 1 is the worst. Source: Guo et al., "On Calibration of Modern Neural Networks", ICML 2017.

    confidences: (n,) in 0..1; right: (n,). NaN without hands.
    """
    if len(confidences) == 0:
        return float("nan")
    number = np.minimum((confidences * bins).astype(int), bins - 1)
    counts = np.bincount(number, minlength=bins)
    gaps = np.abs(np.bincount(number, weights=confidences - right, minlength=bins))
    return float(gaps[counts > 0].sum() / len(confidences))
