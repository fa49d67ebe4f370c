"""Con số as Vietnamese reports write them: 1.652 lượt, 85,5%."""


def whole(number: int) -> str:
    """``1.652``."""
    return f"{number:,}".replace(",", ".")


def decimal(number: float) -> str:
    """``85,5``; a whole one without its zero."""
    text = f"{number:,.1f}".removesuffix(".0")
    return text.translate(str.maketrans(",.", ".,"))


def percent(number: float | None) -> str:
    """``85,5%``; what is not known is a dash, never a zero. Only all is 100, and only nothing is 0."""
    if number is None:
        return "–"
    shown = round(number, 1)
    if shown >= 100 > number:  # noqa: PLR2004
        shown = 99.9
    elif shown <= 0 < number:
        shown = 0.1
    return f"{decimal(shown)}%"
