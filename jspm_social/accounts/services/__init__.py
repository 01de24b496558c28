"""The only ways in which people and their rights change."""

from jspm_social.accounts.services.absences import (
    appoint_deputy,
    end_deputyship,
    end_leave,
    take_leave,
)
from jspm_social.accounts.services.departures import deactivate, reactivate
from jspm_social.accounts.services.people import (
    change_details,
    create_user,
    hiragana,
    in_order,
    set_password,
    set_roles,
)

__all__ = [
    "appoint_deputy",
    "change_details",
    "create_user",
    "deactivate",
    "end_deputyship",
    "end_leave",
    "hiragana",
    "in_order",
    "reactivate",
    "set_password",
    "set_roles",
    "take_leave",
]
