"""Machines: devices, the workers of a cluster, and their memory."""
