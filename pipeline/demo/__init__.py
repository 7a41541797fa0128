"""A demo company: three invented years of selling, the same for the same seed."""
