"""What stands around a channel, each a channel itself: made-up recipients, the breaker, the pace."""
