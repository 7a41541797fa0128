"""Which of the two languages of this package a language code reads."""


def is_korean(language: str) -> bool:
    """True for "ko" and its regions; every other language reads English."""
    return language.partition("-")[0] == "ko"
