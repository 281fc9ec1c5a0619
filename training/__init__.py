"""From landmark tables to the model bundle that is served. No Kafka in it."""
