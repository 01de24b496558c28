"""The pages of the policy and its rules."""
