"""Runs: the run folder, its summary, and the trained model."""
