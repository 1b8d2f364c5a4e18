"""Do the four gates agree: firewall, API definition, authorizer and guard, all made of one registry?"""
