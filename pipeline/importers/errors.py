"""Why an import cannot go ahead."""


class ImportRefused(Exception):
    """Nothing was changed; the message says what to mend."""


class Unreadable(ValueError):
    """A cell does not hold what its field needs; the message says what was expected."""


class Gone(Unreadable):
    """A cell names a row that the other system has deleted."""
