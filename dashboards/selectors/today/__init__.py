"""What needs each role today: tasks.py says how a task is told, the others what the tasks are."""
