"""What people may change about figures, and how they look at them."""
