"""Sessions as tables and lines, for screens, commands and files."""
