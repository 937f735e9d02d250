"""The compare screen as lines."""
