"""`handstream evaluate`: how often the gestures are right, on labelled images and on a labelled stream."""
