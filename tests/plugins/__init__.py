"""Pytest plugins loaded by pyproject.toml."""
