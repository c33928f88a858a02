"""The order desk: intents, their protocol, reconciliation, approval and limits."""
