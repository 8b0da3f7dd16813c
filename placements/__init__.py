"""Periods, rounds, choices, allocation, placements."""
