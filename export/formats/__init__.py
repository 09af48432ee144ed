"""Formats of an artifact; each is one file that writes it and computes with it."""
