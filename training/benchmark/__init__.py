"""Speed of training: benchmarks of this machine, and profiles of training steps."""
