"""Authorities, units, classes, learners."""
