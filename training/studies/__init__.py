"""Named sets of sessions that run as one thing, with published figures beside ours; no torch."""
