"""Meta's error codes and the two shapes in which they are reported.

Source: "Error codes" and "Handle errors" in Meta's WhatsApp Business Platform
documentation. Meta asks clients to look at `code` and `details` only.
"""

from dataclasses import dataclass
from typing import Any

HELP = "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/"

# code -> HTTP status of the synchronous answer, title
CODES: dict[int, tuple[int, str]] = {
    0: (401, "AuthException"),
    1: (400, "API Unknown"),
    2: (503, "API Service"),
    3: (500, "API Method"),
    4: (400, "API Too Many Calls"),
    10: (403, "Permission denied"),
    33: (400, "Parameter value is not valid"),
    100: (400, "Invalid parameter"),
    190: (401, "Invalid OAuth access token"),
    200: (403, "API permission"),
    368: (403, "Temporarily blocked for policies violations"),
    613: (400, "Calls to this API have exceeded the rate limit"),
    2200: (400, "Callback verification failed"),
    2500: (400, "Unknown path components"),
    80007: (400, "Rate limit issues"),
    130403: (403, "User is blocked by the business"),
    130429: (429, "Rate limit hit"),
    130472: (400, "User's number is part of an experiment"),
    130497: (403, "Business account is restricted from messaging users in this country"),
    131000: (500, "Something went wrong"),
    131005: (403, "Access denied"),
    131008: (400, "Required parameter is missing"),
    131009: (400, "Parameter value is not valid"),
    131016: (500, "Service unavailable"),
    131021: (400, "Recipient cannot be sender"),
    131026: (400, "Message undeliverable"),
    131030: (400, "Recipient phone number not in allowed list"),
    131031: (403, "Account has been locked"),
    131037: (400, "Display name is not approved"),
    131042: (400, "Business eligibility payment issue"),
    131045: (500, "Incorrect certificate"),
    131047: (400, "Re-engagement message"),
    131048: (400, "Spam rate limit hit"),
    131049: (400, "Message not delivered to maintain healthy ecosystem engagement"),
    131050: (400, "User has stopped marketing messages"),
    131051: (400, "Unsupported message type"),
    131052: (400, "Media download error"),
    131053: (400, "Media upload error"),
    131056: (400, "(Business Account, Consumer Account) pair rate limit hit"),
    131057: (500, "Account in maintenance mode"),
    131062: (400, "Message type not available for this recipient"),
    131063: (400, "Marketing templates are disabled"),
    131064: (400, "Template category limit hit"),
    132000: (400, "Template param count mismatch"),
    132001: (404, "Template does not exist"),
    132005: (400, "Template hydrated text too long"),
    132007: (400, "Template format character policy violated"),
    132008: (400, "Template parameter value is not valid"),
    132012: (400, "Template parameter format mismatch"),
    132015: (400, "Template is paused"),
    132016: (400, "Template is disabled"),
    132018: (400, "Template validation error"),
    133004: (503, "Server temporarily unavailable"),
    133010: (400, "Phone number not registered"),
    135000: (400, "Generic user error"),
    137000: (400, "Recipient identity mismatch"),
}


@dataclass(eq=False)  # not frozen: Python itself notes the traceback on it
class GraphError(Exception):
    """A request was refused. `http` and `title` follow from the code unless given."""

    code: int
    details: str
    subcode: int | None = None
    http: int | None = None
    user_title: str = ""  # Meta's explanation for the human who defines a template
    kind: str = "OAuthException"

    @property
    def status(self) -> int:
        return self.http or CODES.get(self.code, (400, ""))[0]

    @property
    def title(self) -> str:
        return CODES.get(self.code, (400, "Unknown error"))[1]

    def answer(self, *, trace_id: str) -> dict[str, Any]:
        """Return the body of the HTTP answer."""
        error: dict[str, Any] = {
            "message": f"(#{self.code}) {self.title}",
            "type": self.kind,
            "code": self.code,
            "error_data": {"messaging_product": "whatsapp", "details": self.details},
            "is_transient": self.status >= 500,
            "fbtrace_id": trace_id,
        }
        if self.subcode:
            error["error_subcode"] = self.subcode
        if self.user_title:
            error |= {"error_user_title": self.user_title, "error_user_msg": self.details}
        return {"error": error}


def webhook_error(code: int, details: str) -> dict[str, Any]:
    """Return an error in the shape of `statuses[].errors[]`."""
    title = CODES.get(code, (400, "Unknown error"))[1]
    data = {"details": details}
    return {"code": code, "title": title, "message": title, "error_data": data, "href": HELP}


def missing(parameter: str) -> GraphError:
    return GraphError(131008, f"Parameter {parameter} is required.")


def invalid(parameter: str, problem: str) -> GraphError:
    return GraphError(131009, f"Parameter {parameter} {problem}.")


def unknown_object(object_id: str) -> GraphError:
    text = (
        f"Unsupported request. Object with ID '{object_id}' does not exist, "
        "cannot be loaded due to missing permissions, or does not support this operation."
    )
    return GraphError(100, text, subcode=33, kind="GraphMethodException")
