"""A year of first meetings, replayed on a virtual clock: what `make simulate` is made of."""
