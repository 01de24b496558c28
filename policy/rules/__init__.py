"""Rule sets in the hands of the admins: edited in drafts, tried, put to work, watched."""
