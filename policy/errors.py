"""Why a service refused; `str()` is a sentence for the person who tried."""


class Refused(Exception):
    """It cannot be done as things stand. Nothing was changed."""


class Overtaken(Refused):
    """Somebody else saved first. Nothing was overwritten."""
