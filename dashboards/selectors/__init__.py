"""See the files by subject."""
