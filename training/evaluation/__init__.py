"""Answers of a trained model: evaluations of the test set, out-of-distribution tests (torch)."""
