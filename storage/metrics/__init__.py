"""Metric rows of a session: the append-only log, its binary sidecar and column readers."""
