"""Who may do what in the account: administrators, roles and policies."""
