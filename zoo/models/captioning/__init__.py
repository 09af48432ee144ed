"""Models that describe images."""
