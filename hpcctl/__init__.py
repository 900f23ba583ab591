"""hpcctl: a working HPC cluster from one command."""

__version__ = "0.1.0"
