"""The gate: every event from outside is proven, judged once by pure rules, and takes effect or is refused."""
