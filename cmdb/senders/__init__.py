"""What sends messages: mail by SMTP, and calls of webhooks by HTTP."""
