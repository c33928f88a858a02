"""What brokers with a REST interface share: one request, its pace, its token, its fields, hosts."""
