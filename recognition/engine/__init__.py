"""Finding hands: the engine behind one Protocol, our own on OpenVINO and MediaPipe's as the reference."""
