"""Observability: the audit trail, metric filters and alarms, detection, and the alarm topic."""
