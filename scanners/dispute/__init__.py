"""What a dispute about one CDR needs, in one sealed folder."""
