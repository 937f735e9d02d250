"""Golden outputs: what every reading command and ten screens show of one stored home."""
