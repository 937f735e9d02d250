"""What there is to see of datasets: which are here, their splits, classes and images."""
