"""Everything on disk: registry, session folders, metrics, checkpoints, datasets."""
