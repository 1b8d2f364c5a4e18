"""Service objectives, measured: what share of a month's events was good, and in which minutes it was not."""
