"""Print predictions as they come:  python examples/consume_predictions.py [HOST:PORT]"""

import json
import os
import sys

from kafka import KafkaConsumer

broker = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("HANDSTREAM_BROKER", "127.0.0.1:9092")
topic = os.environ.get("HANDSTREAM_TOPIC_PREFIX", "") + "predictions"

consumer = KafkaConsumer(
    topic,
    bootstrap_servers=broker.split(","),
    group_id=None,  # name a group, and several of these programs share the work
    auto_offset_reset="earliest",  # "latest" shows only what comes from now on
)
try:
    for record in consumer:
        event = json.loads(record.value)
        if event["type"] != "handstream.prediction.v1":  # the end of a folder or a film
            continue
        hands = [f"{hand['gesture']} {hand['confidence']:.0%}" for hand in event["hands"]]
        print(event["captured_at"], event["camera"], ", ".join(hands) or event["status"], flush=True)
except KeyboardInterrupt:
    pass
finally:
    consumer.close()
