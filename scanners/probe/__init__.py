"""The OCPI probe: contracted and forbidden calls to a live gateway, and the checks on its answers."""
