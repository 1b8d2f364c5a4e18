"""checkov's AWS rules: run on a Terraform plan, in a process of their own."""
