"""How credentials tokens come, change and go, with a partner that may be slow, deaf, late or wrong."""
