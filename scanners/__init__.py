"""What is true: collectors that look at the deployed system. Imports `hardening`, never `infra`."""
