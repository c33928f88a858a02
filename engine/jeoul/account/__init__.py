"""One customer's account, as files say it."""

from jeoul.account.holdings import Holdings, read_holdings, read_portfolio

__all__ = ["Holdings", "read_holdings", "read_portfolio"]
