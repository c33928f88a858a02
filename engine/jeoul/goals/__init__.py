"""Goals: what is saved until a day, along simulated paths, and how sure it is. Pure arithmetic."""
