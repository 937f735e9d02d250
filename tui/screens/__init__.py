"""Screens of the terminal user interface, one per file."""
