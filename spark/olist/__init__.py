"""Rules of the shop: how its rows are cleaned."""
