"""From observations to configuration items: identification and reconciliation. Pure."""
