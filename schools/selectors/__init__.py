"""What pages read about schools."""
