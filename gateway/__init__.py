"""The HTTP API and the live page: POST /predict, the stream for browsers, browsers as cameras."""
