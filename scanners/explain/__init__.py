"""What a control, a check or a rule of checkov asks for, why, and how to mend a failure of it."""
