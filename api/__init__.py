"""Ways in: HTTP, command line."""
