"""Backup and restore: database and files as one archive, on both databases and from one to the other."""
