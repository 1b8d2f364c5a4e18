"""The egress guard: the only way out to partners, and the only place that sends our tokens there."""
