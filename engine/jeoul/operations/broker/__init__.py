"""Brokers behind one port: paper, ticket, Korea Investment, Kiwoom and Toss, one module each.

A broker module imports the port, ``hours``, ``statement`` and ``rest``, and neither the ledger, the
desk, the market nor another broker. What it is handed is
:class:`~jeoul.operations.broker.port.BrokerContext`. Two contracts of import-linter hold it: "A
broker is handed what it needs of the ledger, the desk and the market" and "Brokers do not know one
another".
"""
