"""Vietnamese first: which of the two languages a request is answered in."""

from starlette.requests import HTTPConnection


def prefers_english(request: HTTPConnection) -> bool:
    """Tell whether ``Accept-Language`` puts English before Vietnamese; anything else is Vietnamese."""
    weights = {"vi": 0.0, "en": 0.0}
    for part in request.headers.get("accept-language", "")[:500].split(","):
        tag, _, weight = part.partition(";")
        name = tag.strip().partition("-")[0].lower()
        if name in weights:
            weights[name] = max(weights[name], _weight(weight))
    return weights["en"] > weights["vi"]


def _weight(text: str) -> float:
    name, _, value = text.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return min(max(float(value), 0.0), 1.0)
    except ValueError:
        return 0.0
