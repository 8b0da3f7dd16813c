"""Makes the environment."""


def ensure(argv: list[str]) -> None:
    """Placeholder."""
