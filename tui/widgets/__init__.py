"""Widgets of the terminal user interface, one per file."""
