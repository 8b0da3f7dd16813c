"""What the pages of placements ask for."""
