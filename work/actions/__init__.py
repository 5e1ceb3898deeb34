"""What people do with the work of a phase."""
