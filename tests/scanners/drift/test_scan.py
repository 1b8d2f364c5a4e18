"""The drift audit as a whole: what cannot be read is an error, and nothing secret is shown."""
