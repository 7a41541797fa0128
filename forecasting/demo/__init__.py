"""What the demo company's people have called over the last quarters."""
