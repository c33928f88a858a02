"""A household carried out: one plan, account by account, through each broker and ledger."""
