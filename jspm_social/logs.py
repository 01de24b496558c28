"""What the log may not hold: the addresses that platforms send to, and a flood of knocking."""

import logging

DOORS = "/hooks/"


class Discreet(logging.Filter):
    """For the logger `django.request`, which writes paths: what is refused at a door is counted
    for the audit trail instead; of an error of our own the path is not told.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        path = getattr(getattr(record, "request", None), "path", "")
        if not path.startswith(DOORS):
            return True
        if getattr(record, "status_code", 500) < 500:
            return False
        record.msg, record.args = "an error at %s…", (DOORS,)
        return True
