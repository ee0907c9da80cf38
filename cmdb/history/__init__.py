"""The append-only log of commits."""
