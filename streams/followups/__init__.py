"""What follows a release, planned with it: reminders, its effect, its end, what its agency owes."""
