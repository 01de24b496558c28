"""Why a service refused. The message is for the person, in their words."""


class Refused(Exception):
    """Nothing was changed. `str()` is a Japanese sentence to show as it is."""


class Overtaken(Refused):
    """Somebody else was faster."""
