"""Readings of GPUs, CPU, memory and processes, live or from a recorded trace."""
