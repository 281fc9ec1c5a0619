"""Labelled predictions to figures, and to a report that shows them."""
