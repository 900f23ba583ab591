"""Numbers, for docs/benchmarks.md: what a user waits for, and what it takes. Run as ``python -m bench``."""
