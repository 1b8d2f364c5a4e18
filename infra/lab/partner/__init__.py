"""The lab's partner: what answers at the partners' callback hosts, behind the egress guard."""
