"""The network: tiers, access lists, security groups, endpoints, and which names resolve."""
