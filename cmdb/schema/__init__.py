"""What can exist: CI types, relation types, attributes, and the records made of them."""
