"""What stops a start, in one sentence for the person at the keyboard."""


class StartError(Exception):
    """The servers cannot start; the text says why and what to do."""
