"""The intent audit: the declared stack held against what program, settings and registry say today."""
