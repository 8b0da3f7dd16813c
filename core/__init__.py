"""What every app stands on: the wall, state, outbox, weeks, look; no domain noun."""
