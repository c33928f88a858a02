"""The live shell: scheduled runs that place each order exactly once.

A run takes its stages from :mod:`jeoul.operations.stages`. How an order is sent exactly once stands
in :mod:`jeoul.operations.desk.protocol`, what a broker answers in
:mod:`jeoul.operations.broker.port`, and what is kept for good in :mod:`jeoul.operations.ledger`.
"""
