"""Other systems' exports into facts: all or nothing, the same file twice changing nothing."""
