"""Graph-based configuration management database: schema, identity, impact, stores, services."""
