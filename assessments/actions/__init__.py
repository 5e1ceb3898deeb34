"""What people do with assessments and decisions. Each action checks the right, locks the rows, writes and explains."""
