"""How long a test waits for something that must happen: so long that no slow or busy machine misses it."""

PATIENCE = 900.0
"""Seconds. It is spent only where something is wrong."""
