"""Findings in the forms that people and tools read: table, JSON, SARIF, JUnit and HTML."""
