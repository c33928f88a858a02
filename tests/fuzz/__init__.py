"""Changed files, frames and answers, read by the engine."""
