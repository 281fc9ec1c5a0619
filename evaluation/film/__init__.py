"""Films whose gestures somebody wrote down, to figures of frames and of gesture events."""
