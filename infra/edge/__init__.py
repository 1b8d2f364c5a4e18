"""The edge: names, certificates, firewall and API, and the private link from them to the guard."""
