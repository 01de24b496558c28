"""The sandbox's sign-ins: what the platforms show a person, and what they then give an app."""
