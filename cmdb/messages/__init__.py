"""Messages to people and programs: what they say, in two languages, and how they are signed."""
