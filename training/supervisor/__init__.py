"""The supervisor process: server, ledger, admission, recovery and pending requests."""
