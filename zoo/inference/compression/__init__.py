"""Lossy compression of pictures by the code of an autoencoder."""
