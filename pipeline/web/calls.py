"""Calls that a server knows: the store, live sessions that are watched, and messages that are delivered."""

from __future__ import annotations

import logging
import threading

from pipeline.alerts.people import require_customer
from pipeline.alerts.rules import AlertRule
from pipeline.alerts.sessions import Endings, WatchedSession
from pipeline.alerts.watching import TIDYING
from pipeline.alerts.webhooks import Deliverer, addresses_of
from pipeline.core.errors import UsageError
from pipeline.core.failures import explained
from pipeline.core.settings import Settings
from pipeline.store.search import LONGEST_CUSTOMER
from pipeline.store.store import Store

__all__ = ["Calls"]

logger = logging.getLogger(__name__)


class Calls:
    """What a server that keeps calls needs for them.

    Args:
        settings: Where calls are kept, what is watched for, who is told, how long calls stay.

    Raises:
        StoreUnavailable: The database cannot be opened.
        SettingsError: A setting cannot be.
        EngineMissing: A package is not installed.
    """

    def __init__(self, settings: Settings) -> None:
        self._rule = AlertRule.of(settings)
        self._webhooks = addresses_of(settings)
        self.keep_days = settings.keep_days
        """Days after which a call is deleted; 0 keeps it."""
        self.store = Store(settings.database, signing=bool(settings.webhook_secret))
        """Where they are kept."""
        self._deliverer = Deliverer(
            self.store,
            self._webhooks,
            settings.webhook_secret,
            network=settings.webhook_network,
            on_problem=lambda error: logger.warning("%s", error),
        )
        self._endings = Endings()
        self._closing = threading.Event()

    def start(self) -> None:
        """Begin to deliver messages, and to end what is left; delete what is too old, now and every hour."""
        threading.Thread(target=self._tidy_every_hour, name="resay-tidying", daemon=True).start()
        self._endings.start()
        self._deliverer.start()

    def close(self) -> None:
        """Let go of the database, after the sessions that were left."""
        self._closing.set()
        self._endings.close()
        self._deliverer.close()
        self.store.close()

    def session(self, customer: str) -> WatchedSession:
        """Watch a live session.

        Args:
            customer: Who speaks in it, and nobody else.

        Raises:
            UsageError: That is no customer, or the name is too long to be kept.
        """
        require_customer(customer)
        if len(customer) > LONGEST_CUSTOMER:
            raise UsageError(f"A customer's name has at most {LONGEST_CUSTOMER} characters.")
        return WatchedSession(self.store, self._rule, customer, self._webhooks, leave=self._endings.add)

    def _tidy_every_hour(self) -> None:
        while True:
            try:
                self.store.delete_older(self.keep_days)
                self.store.end_abandoned(webhooks=self._webhooks)
            except Exception as error:  # The next hour tries it again.
                logger.warning("%s", explained(error, "What is too old"))
            if self._closing.wait(TIDYING):
                return
