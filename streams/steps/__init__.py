"""The steps of the flow, one a file, named for what it does. Each takes the desk and a message's content."""
