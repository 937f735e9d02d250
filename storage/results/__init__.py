"""Results kept per session: evaluations, outlier tests, fixed images, profiles and studies."""
