"""The models of a server: found on disk, loaded, and swapped for newer versions."""
