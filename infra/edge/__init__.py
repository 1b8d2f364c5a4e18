"""What partners meet first: names, certificates, firewall, API, and the private link behind it."""
