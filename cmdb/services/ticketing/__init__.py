"""Tickets as use cases: what HTTP, the command line and periodic jobs call."""
