"""See the files by noun."""
