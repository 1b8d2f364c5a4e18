"""What keeps data, secrets and keys."""
