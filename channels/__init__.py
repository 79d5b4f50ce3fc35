"""Ways out of the house: one adapter a channel, one verb each."""
