"""The quarterly letter of an account or a household: what it says, and where it is filed."""
