"""What may leave: an answer of the OCPI service, before the partner who asked gets it. Decisions only."""
