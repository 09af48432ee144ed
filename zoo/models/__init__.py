"""Models: one file an architecture, which registers it and its instances."""
