"""The addresses of the policy and its rules."""
