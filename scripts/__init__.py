"""Set-up and documentation scripts."""
