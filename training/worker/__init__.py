"""Worker and task processes: assembly, sink, lease and tasks."""
