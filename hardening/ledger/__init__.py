"""What counts once: which messages do, and what becomes of one that comes again. Decisions only."""
