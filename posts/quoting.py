"""Whether a text still says a fact as it was, in the ways in which Japanese texts say it. Pure."""

from datetime import date, time


def says(text: str, field: str, value: str) -> bool:
    """Tell whether `text` quotes this value (ISO form for days and times) of an event's field."""
    return any(form in text for form in forms(field, value))


def forms(field: str, value: str) -> list[str]:
    """Return the ways to write a value; [] for none."""
    if not value:
        return []
    if field in {"starts_on", "ends_on", "deadline"}:
        day = date.fromisoformat(value)
        return [
            f"{day.month}月{day.day}日",
            f"{day.month}/{day.day}",
            wide(f"{day.month}月{day.day}日"),
        ]
    if field in {"start_time", "end_time"}:
        at = time.fromisoformat(value)
        found = [f"{at:%H:%M}", f"{at.hour}:{at.minute:02}", f"{at.hour}時{at.minute:02}分"]
        return found if at.minute else [*found, f"{at.hour}時"]
    return [value]


def wide(text: str) -> str:
    """The same with full-width digits."""
    return text.translate({ord("0") + n: ord("０") + n for n in range(10)})
