"""Hyperparameters, fields, presets, sweeps, catalogs, splits and settings. No torch."""
