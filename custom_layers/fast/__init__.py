"""What a backend does faster than `keras.ops`."""
