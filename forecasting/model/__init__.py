"""The model: what the deals of a company will bring, learned from its own history."""
