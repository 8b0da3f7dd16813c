"""A school's plan for study and career guidance."""
