"""Gates: what is wrong with fetched data that only the vendor's own answers can show.

What a price file itself shows (jumps, absurd dividends, gaps, staleness) is found by
:mod:`jeoul.market.quality` whenever the folder is read. The gates here need more: when a row was
fetched, what the vendor said before, its volume and NAV, or a second source. Their findings are
written beside the prices and travel with them.

================  ========  ======================================================================
duplicate         serious   a day appears twice with different closes; notice if they agree
empty_bar         notice    a bar without a close (a holiday, or the bar that is being made)
unfinished        notice    a bar fetched before its session's close was final: left out
currency          serious   the vendor's currency is not the one that the plan names
unit              serious   a close near 10, 100 or 1,000 times the one before it, or a 10th, ...
rescaled          serious   the history is a multiple of what the same vendor showed before
withdrawn         serious   a dividend or split that the vendor has taken back
payment_day       serious   a split on a day without trading: left out
payment_moved     notice    a dividend on a day without trading: it counts on the next session
stands_in         notice    the rows from a day on are those of the next source
apart             notice    the next source has newer rows and does not agree: they are not used
restated          notice    a dividend or split that the vendor has changed
disagree          serious   two sources differ on the newest day; notice on earlier days
renamed           notice    the vendor calls the instrument something else
gone              serious   the vendor no longer knows the code
suspended         serious   no trade and an unchanged close for five sessions and more
thin              notice    little trading lately
premium           serious   close too far from NAV on the newest day, and not the exchange's own;
                            notice on earlier days, and where the source of the NAV has this close
nav_unit          notice    NAV in another unit than the close: per 100 shares, in thousands, ...
nav_currency      notice    a source gives NAV in another currency than the plan: it is left out
tracking          notice    NAV strays from its index
corrected         notice    a person replaced a figure
================  ========  ======================================================================
"""
