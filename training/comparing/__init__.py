"""What differs between sessions and what came of it; no torch, no terminal."""
