"""Comparison and report figures, computed from files. No torch."""
