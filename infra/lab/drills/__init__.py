"""Drills: incidents that are played in the lab, and the runbooks that end them."""
