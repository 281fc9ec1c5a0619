"""The worker: takes frames from Kafka, names gestures, writes one outcome for every frame."""
