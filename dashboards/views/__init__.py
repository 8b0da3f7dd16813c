"""Pages of figures, and the start pages."""
