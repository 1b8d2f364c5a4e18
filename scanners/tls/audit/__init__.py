"""Collects: connects to endpoints and records what they answer, as facts. No judgement."""
