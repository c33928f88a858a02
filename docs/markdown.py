"""Figures and tables as the pages write them."""


def figure(value, digits=1, *, sign=False):
    """Return a number, with a true minus and never a negative zero."""
    return f"{value:{'+' if sign else ''}z.{digits}f}".replace("-", "−")


def percent(value, digits=1, *, sign=False):
    """Return a decimal fraction in percent, without the sign of percent."""
    return figure(value * 100, digits, sign=sign)


def table(head, rows):
    """Return a Markdown table whose first column is text."""
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
