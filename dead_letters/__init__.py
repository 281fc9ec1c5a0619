"""`handstream dlq`: look at dead letters, keep them as files, send them back."""
