"""Commands for people at a keyboard."""
