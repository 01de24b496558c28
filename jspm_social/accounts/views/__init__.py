"""The pages about people: log-in, one's own account, everybody's access, and its yearly review."""
