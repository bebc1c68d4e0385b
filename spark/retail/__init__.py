"""Rules of the shop for clothes: what its rows are in silver."""
