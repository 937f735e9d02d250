"""Predictions, confusion and outlier pages as lines."""
