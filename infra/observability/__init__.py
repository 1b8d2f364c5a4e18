"""What records, watches and raises the alarm."""
