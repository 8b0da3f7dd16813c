"""The project: settings, URLs, servers' entry points and the start-up of a bare machine."""
