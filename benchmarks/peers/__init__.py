"""What a user would write instead of Handstream, each with MediaPipe's HandLandmarker and as its library documents.

They run in an environment of their own (`make .venv/.peers`) and import nothing of Handstream. They find landmarks
only; Handstream names the gesture besides, so the comparison favours them.
"""
