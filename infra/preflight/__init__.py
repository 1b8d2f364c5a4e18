"""Preflight: what AWS would refuse, looked up before it is asked for."""
