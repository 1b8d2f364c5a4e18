"""The Lambda functions: the API's authorizer and the rotation of tokens."""
