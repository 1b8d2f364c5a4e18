"""Compute: containers on ECS, Lambda functions, and their signed code."""
