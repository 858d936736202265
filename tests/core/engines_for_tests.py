"""Factories that the registry's tests create engines with."""


def create(**settings):
    return settings


def broken(**settings):
    import no_such_package  # noqa: F401


def wanting(variant=""):
    return "" if "/" in variant else f"{variant} wanted"


def demanding(*, threads, device):
    return threads, device
