"""Agents: policies and action values."""
