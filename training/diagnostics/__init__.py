"""Optional examinations of a training and its model: profiles and out-of-distribution tests."""
