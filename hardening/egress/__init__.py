"""What may leave for a partner, where to, and what of its answer comes in: the egress guard's decisions."""
