"""The records that travel: frames, predictions, stream ends, dead letters. No Kafka client in here."""
