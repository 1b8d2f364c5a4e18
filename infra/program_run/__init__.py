"""The Pulumi program, run in this process: what it registers is answered and written down."""
