"""Plain reference implementations that the engine is compared with."""
