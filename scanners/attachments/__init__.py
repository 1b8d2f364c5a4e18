"""What people do, as evidence: records of drills, reviews and tests, each for a control, until a last day."""
