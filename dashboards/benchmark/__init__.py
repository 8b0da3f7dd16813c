"""Measures pages, services and the engine over data of a given size, in a database of its own."""
