"""What is measured: one typed table of all metrics."""
