"""Starting a worker process and communicating with it."""
