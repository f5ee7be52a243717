"""Whose WhatsApp account is simulated: ids, secrets and the name on the phones."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Account:
    """The business, its number and its secrets. The defaults open nothing in the real world."""

    access_token: str = "simulator-access-token"  # noqa: S105 - good for the simulator only
    app_secret: str = "simulator-app-secret"  # noqa: S105 - good for the simulator only
    verify_token: str = "simulator-verify-token"  # noqa: S105 - good for the simulator only
    phone_number_id: str = "106600000000001"
    business_account_id: str = "102200000000001"
    app_id: str = "670843887433847"
    phone: str = "493023125042"  # digits only; the Bundesnetzagentur keeps 030 23125 for films
    name: str = "SWE Aktuell"

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "Account":
        """Read the variables that the tested system reads too; empty ones count as absent.

        While the app secret is being rotated the variable lists several; Meta
        signs with one, so the first counts.
        """
        found = {
            "access_token": environ.get("WHATSAPP_ACCESS_TOKEN"),
            "app_secret": environ.get("WHATSAPP_APP_SECRET", "").split(",")[0].strip(),
            "verify_token": environ.get("WHATSAPP_VERIFY_TOKEN"),
            "phone_number_id": environ.get("WHATSAPP_PHONE_NUMBER_ID"),
            "business_account_id": environ.get("WHATSAPP_BUSINESS_ACCOUNT_ID"),
            "app_id": environ.get("WHATSAPP_APP_ID"),
        }
        return cls(**{name: value for name, value in found.items() if value})

    @property
    def country_code(self) -> str:
        """What Meta puts in front of a recipient that was given without a plus sign."""
        return self.phone[:2]
