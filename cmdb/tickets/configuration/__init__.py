"""What an administrator configures for tickets: forms, their defaults, and what they mean; pure."""
