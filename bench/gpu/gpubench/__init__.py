"""Measures on a GPU host what the agent costs and what it sees, and makes one report of it. Needs Python 3.9 and nothing else."""
