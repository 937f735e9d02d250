"""Terminal user interface and command line of mnist-tui."""
