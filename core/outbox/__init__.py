"""The outbox: every message is a row written with its cause, and a worker delivers it."""
