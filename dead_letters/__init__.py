"""`handstream dlq`: list dead letters, export them as files, send them back."""
