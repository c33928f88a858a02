"""The years ahead: payments, credits, ISA maturities and gains."""
