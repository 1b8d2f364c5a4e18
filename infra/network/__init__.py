"""The network: VPC and tiers, network ACLs, security groups, VPC endpoints, DNS firewall."""
