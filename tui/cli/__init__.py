"""The command line: the lazy command group and what commands share."""
