"""What people do in a phase, apart from entering and leaving it."""
