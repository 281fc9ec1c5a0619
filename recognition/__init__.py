"""Image bytes to landmarks to features to gesture. No Kafka in it."""
