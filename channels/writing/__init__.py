"""What people read: templates, shipped and an office's own, filled, and checked for what they must say."""
