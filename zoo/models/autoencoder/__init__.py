"""Autoencoders: networks that reconstruct their input from a code."""
