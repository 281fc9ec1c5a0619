"""`handstream record`: labelled hands from a camera, a film or the stream."""
