"""`handstream models`: what is in the model registry, and which of it is served."""
