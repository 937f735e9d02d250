"""Everything that trains: parameters, lifecycle, supervisor, workers and the engine."""
