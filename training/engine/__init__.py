"""The training loop, its state and step, checkpoints and exact resume (torch)."""
