"""Checkpoint files of one session, their manifests, names and retention."""
