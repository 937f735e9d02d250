"""What a report tells of sessions, read from their files; no torch, no terminal."""
