"""The report that a person opens: one self-contained HTML file, nothing loaded from anywhere."""
