"""Encoders that learn without labels, and classifiers that start from them."""
