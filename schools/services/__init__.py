"""What people do with classes and weeks."""
