"""Every write that a person makes: atomic, in their name, and refused when stale."""
