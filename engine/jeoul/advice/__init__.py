"""What the rules of Korea mean for one person: a plan, a value, a recommendation."""
