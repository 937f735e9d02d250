"""Sessions as lines and tables: header, parameters, history, dataset and use of devices."""
