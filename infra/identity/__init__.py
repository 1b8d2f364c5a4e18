"""Identity: administrator roles, their permission boundary, and IAM policy documents."""
