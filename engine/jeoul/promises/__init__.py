"""What was expected of an allocation on the day it was decided, and what came of it."""
