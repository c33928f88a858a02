"""What a plan means: reasons, proofs, prices of rules, and why there is none."""
