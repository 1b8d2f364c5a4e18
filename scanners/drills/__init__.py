"""Drills: incidents played in the lab, judged by their alarm, their runbook and its rights."""
