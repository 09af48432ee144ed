"""Signatures by what they are for; a kind is one file."""
