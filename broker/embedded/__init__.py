"""Apache Kafka itself, one node, on this machine: no Java, Maven or Docker to install."""
