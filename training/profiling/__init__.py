"""Where a batch's time and memory go: some training steps measured from inside, no other ones."""
