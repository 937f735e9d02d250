"""Session lifecycle, request rules, queue order and progress figures: pure functions."""
