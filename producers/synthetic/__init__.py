"""The synthetic camera: a rendered hand that makes the 18 gestures and says which."""

from producers.synthetic.camera import GESTURES, SyntheticCamera
from producers.synthetic.still import render_still

__all__ = ["GESTURES", "SyntheticCamera", "render_still"]
