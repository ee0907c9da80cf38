"""Adapters of the GraphStore port. All SQL and Cypher of the product is here."""
