"""From contracts and deals to the revenue of each month. No dates but those handed in."""
