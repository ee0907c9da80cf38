"""Root cause analysis: which failures explain what is seen, and which look would tell more."""
