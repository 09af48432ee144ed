"""Peers that need an environment of their own, trained in a process of theirs."""
