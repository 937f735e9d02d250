"""What differs between sessions and what came of it; no torch, no terminal."""

MIN_SESSIONS, MAX_SESSIONS = 2, 10
"""How many sessions are compared at once."""
