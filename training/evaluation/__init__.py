"""Scores, calibration and out-of-distribution scores of a model (torch)."""
