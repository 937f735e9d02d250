"""What the screens know of sessions and say of them."""
