"""What is asked of a policy, each query once: as tokens, keywords, ranges and text, and why it fits."""
