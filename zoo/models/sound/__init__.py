"""Networks that take waveforms."""
