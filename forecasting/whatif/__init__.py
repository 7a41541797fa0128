"""What would be if rates were others: the model's own draws, played under levers."""
