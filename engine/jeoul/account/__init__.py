"""One customer's account, as files say it."""

from jeoul.account.holdings import read_portfolio

__all__ = ["read_portfolio"]
