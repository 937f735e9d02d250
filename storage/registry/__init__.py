"""The session registry: TinyDB in memory, a journal and atomic snapshots on disk."""
