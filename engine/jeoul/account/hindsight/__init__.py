"""What not trading would have come to: decisions looked back at after 30, 90 and 365 days."""
