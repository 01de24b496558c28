"""What the society may use of each platform, what it has used, and when reading has to wait."""
