"""What is computed and saved here: season forecasts."""
