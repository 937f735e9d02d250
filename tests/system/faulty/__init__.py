"""File operations that fail on purpose."""
