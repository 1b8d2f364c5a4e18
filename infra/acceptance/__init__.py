"""Acceptance on AWS: a deployed stack, used as a test partner would."""
