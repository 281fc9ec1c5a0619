"""The records that travel: frames, predictions, gestures, stream ends, dead letters. No Kafka client in here."""
