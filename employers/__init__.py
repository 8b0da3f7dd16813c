"""Workplaces, slots and seats per week."""
