"""Models of videos."""
