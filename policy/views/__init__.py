"""Pages about the policy."""
