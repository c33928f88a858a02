"""Texts of manifests and fetch plans, put together from what a test needs."""

HEAD = """\
schema = 1
last = 2020-04-30
"""

EVENTS = """
[[file]]
path = "events-kr.csv"
events_of = "prices-kr.csv"
"""

PLAN = """\
schema = 1
name   = "test"
what   = "a test"
start  = 2024-01-02
store  = "store"
folder = "market"

[[prices]]
path     = "prices-kr.csv"
what     = "closes"
exchange = "XKRX"
currency = "KRW"
source   = "yahoo"
suffix   = ".KS"
tickers  = ["069500", "148070"]
"""


def prices(exchange: str = "XKRX", adjusted: str = "total-return", path: str = "") -> str:
    country, currency = {"XKRX": ("kr", "KRW"), "XNYS": ("us", "USD")}[exchange]
    return f"""
[[file]]
path = "{path or f"prices-{country}.csv"}"
index = "date"
currency = "{currency}"
exchange = "{exchange}"
adjusted = "{adjusted}"
known = {{ at = "{exchange} close", lag = 0 }}
"""


def series(path: str, index: str = "date", **known: tuple[str, int]) -> str:
    """Return a file of series; each becomes known at an instant, after a lag."""
    rows = [
        f'{name} = {{ unit = "points", known = {{ at = "{at}", lag = {lag} }} }}\n'
        for name, (at, lag) in known.items()
    ]
    head = f'\n[[file]]\npath = "{path}"\nindex = "{index}"\n\n[file.columns]\n'
    return head + "".join(rows)


TOTAL_RETURNS = HEAD + prices()
RAW = HEAD + prices(adjusted="raw") + EVENTS
