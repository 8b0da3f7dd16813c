"""Builds an invented region with a season under way, and regions from public registers."""
