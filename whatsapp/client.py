"""Talks to the Cloud API: one method for each endpoint that we use.

`send` never raises because of Meta or the network; it returns an outcome (`whatsapp.answers`).
The other methods raise the exceptions of `whatsapp.errors`. Nothing that requests raises gets
out of here, and the access token is part of no repr and of no exception. Broadcasts go past
requests, on the wire that `wire` returns (`whatsapp.pipeline`).

A POST is never repeated: Meta has no idempotency key, so a second try might message somebody
twice. GETs are repeated by urllib3, see `new_session`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from time import monotonic
from typing import Final, Self
from urllib.parse import urlsplit

import requests  # noqa: TID251 - the one module that knows HTTP
import urllib3
from urllib3.util import Retry

from whatsapp import answers, payloads, reading, remote
from whatsapp.errors import NoAnswer, NotSent, Refused, StopAccount, TryLater, Verdict, verdict
from whatsapp.exchange import Body, json_body, read_answer, slug
from whatsapp.payloads import Content, Recipient
from whatsapp.reading import JsonObject
from whatsapp.template_drafts import TemplateDraft
from whatsapp.wire import Wire, trust

# Seconds. Meta usually answers in under 2. At worst two addresses of its name do not react,
# then the head of the answer and its last piece take their time: 3 + 3 + 7 + 7 = 20, which is
# the longest that whoever holds the lease on a message may be kept waiting.
CONNECT_TIMEOUT: Final = 3.0
READ_TIMEOUT: Final = 7.0
UPLOAD_READ_TIMEOUT: Final = 120.0  # Meta looks at the file before it answers

PAGE_SIZE: Final = 100  # templates asked for at a time
PAGES_MAX: Final = 100  # an account holds at most 6,000 templates; more pages are a loop


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """Where the paths of an API begin, and in which header it wants to see our key."""

    number_path: str = "/{version}/{phone_number_id}"
    account_path: str = "/{version}/{business_account_id}"
    auth_header: str = "Authorization"
    auth_prefix: str = "Bearer "


META: Final = Provider()
# Sends and uploads only: its templates have another shape (360dialog documentation, 2026).
DIALOG_360: Final = Provider(number_path="", auth_header="D360-API-KEY", auth_prefix="")


class CloudClient:
    """One phone number of ours at the Cloud API, or at a provider with the same payloads.

    Many threads may share a client. `pool_size` should be their number: threads beyond it
    have to open a new connection for every call.
    """

    def __init__(
        self,
        *,
        base_url: str,
        version: str,
        phone_number_id: str,
        business_account_id: str,
        access_token: str,
        session: requests.Session | None = None,
        provider: Provider = META,
        pool_size: int = 10,
        connect_timeout: float = CONNECT_TIMEOUT,
        read_timeout: float = READ_TIMEOUT,
        ca_file: str | None = None,
    ) -> None:
        """Both timeouts are in seconds. A `session` of your own must never repeat a POST.

        `ca_file` holds the certificates to trust; None: those that requests would trust.
        Raises ValueError if the token cannot be part of an HTTP header.
        """
        if not (access_token and access_token.isascii() and access_token.isprintable()):
            raise ValueError("The access token must be printable ASCII.")
        names = {
            "version": version,
            "phone_number_id": phone_number_id,
            "business_account_id": business_account_id,
        }
        base = base_url.rstrip("/")
        self._number_url = base + provider.number_path.format(**names)
        self._account_url = base + provider.account_path.format(**names)
        self._version_url = f"{base}/{version}"
        self._provider = provider
        self._access_token = access_token
        self._session = session or new_session(pool_size=pool_size)
        self._has_own_session = session is None
        self._ca_file = ca_file
        self._connect_timeout = connect_timeout
        self._read_timeout = read_timeout

    def __repr__(self) -> str:
        # No address and no id: a repr ends up in a log sooner or later.
        return "<CloudClient>"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close all idle connections."""
        self._session.close()

    def send(
        self, content: Content, *, to: Recipient, token: str, reply_to: str | None = None
    ) -> answers.Outcome:
        """Send one message, once.

        `token` comes back in every status webhook of this message. It is what settles an
        outcome that is in doubt, so it must be a new one for every call.

        Raises InvalidPayload if `token` or `reply_to` is not fit to be sent.
        """
        return self.send_request(payloads.request(content, to=to, token=token, reply_to=reply_to))

    def send_request(self, body: Mapping[str, object]) -> answers.Outcome:
        """Send a body made by `payloads.request`, once."""
        try:
            status, answer = self._exchange(
                "POST", f"{self._number_url}/messages", body=json_body(body)
            )
        except NotSent as exc:
            return answers.NotSent(exc.reason)
        except NoAnswer as exc:
            return answers.InDoubt(exc.reason)
        return answers.interpret(status=status, body=answer)

    def wire(self) -> Wire | None:
        """A faster way for many messages; None where only requests knows the way.

        That is: through a proxy, through a `session` of your own, to an impossible address.
        """
        url = f"{self._number_url}/messages"
        try:
            scheme = urlsplit(url).scheme
            way = self._session.merge_environment_settings(url, {}, None, self._ca_file, None)
        except ValueError:
            return None
        if way["proxies"] or not self._has_own_session or scheme not in {"http", "https"}:
            return None
        key = f"{self._provider.auth_prefix}{self._access_token}"
        return Wire(
            url=url,
            headers={"Content-Type": "application/json", self._provider.auth_header: key},
            tls=trust(_bundle(way["verify"])) if scheme == "https" else None,
            connect_timeout=self._connect_timeout,
            read_timeout=self._read_timeout,
        )

    def upload_media(self, content: bytes, *, mime_type: str, filename: str) -> str:
        """Upload a file for messages and return its media id, which lives 30 days.

        Raises NotSent, NoAnswer, TryLater, Refused or StopAccount.
        """
        form, content_type = urllib3.encode_multipart_formdata(
            {
                "messaging_product": "whatsapp",
                "type": mime_type,
                "file": (filename, content, mime_type),
            }
        )
        answer = self._ask(
            "POST",
            f"{self._number_url}/media",
            body=Body(form, content_type=content_type),
            read_timeout=UPLOAD_READ_TIMEOUT,
        )
        return _required(answer, "id")

    def upload_sample(self, content: bytes, *, app_id: str, mime_type: str, filename: str) -> str:
        """Upload the sample that a draft's MediaHeader needs and return its handle.

        This is Meta's Resumable Upload API: it belongs to the app, not to our number.

        Raises NotSent, NoAnswer, TryLater, Refused or StopAccount.
        """
        params = {"file_name": filename, "file_length": str(len(content)), "file_type": mime_type}
        session = self._ask(
            "POST", f"{self._version_url}/{app_id}/uploads", body=json_body({}), params=params
        )
        answer = self._ask(
            "POST",
            f"{self._version_url}/{_required(session, 'id')}",
            body=Body(content, content_type=mime_type),
            headers={"file_offset": "0", "Authorization": f"OAuth {self._access_token}"},
            read_timeout=UPLOAD_READ_TIMEOUT,
        )
        return _required(answer, "h")

    def templates(self, *, name: str = "") -> Iterator[remote.RemoteTemplate]:
        """Every template of the business account, fetched page by page; `name` filters.

        Raises NoAnswer, TryLater, Refused or StopAccount, perhaps in the middle.
        """
        params = {"fields": remote.TEMPLATE_FIELDS, "limit": str(PAGE_SIZE)}
        if name:
            params["name"] = name
        for _ in range(PAGES_MAX):
            page = self._ask("GET", f"{self._account_url}/message_templates", params=params)
            yield from map(remote.read_template, reading.children(page, "data"))
            paging = reading.child(page, "paging")
            after = reading.text(reading.child(paging, "cursors"), "after")
            # `next` is an address that contains the token: it says "more", we do not follow it.
            if not after or not reading.text(paging, "next"):
                return
            params["after"] = after
        raise NoAnswer("too_many_pages")

    def create_template(self, draft: TemplateDraft) -> remote.CreatedTemplate:
        """Hand in a template for review. Meta's category in the answer may be another one.

        Raises NotSent, NoAnswer, TryLater, Refused or StopAccount.
        """
        answer = self._ask(
            "POST", f"{self._account_url}/message_templates", body=json_body(draft.to_json())
        )
        _required(answer, "id")
        return remote.read_created(answer)

    def phone_number_health(self) -> remote.PhoneNumber:
        """Ask how our number is doing, before a broadcast or once an hour.

        Raises NoAnswer, TryLater, Refused or StopAccount.
        """
        fields = {"fields": remote.NUMBER_FIELDS}
        return remote.read_phone_number(self._ask("GET", self._number_url, params=fields))

    def account_settings(self) -> remote.AccountSettings:
        """Ask how number and account are set, once a day. Two questions.

        Raises NoAnswer, TryLater, Refused or StopAccount.
        """
        number = self._ask("GET", f"{self._number_url}/settings")
        account = self._ask("GET", self._account_url, params={"fields": remote.ACCOUNT_FIELDS})
        return remote.read_settings(number, account)

    def webhook_subscribed(self) -> bool:
        """Whether any app receives the webhooks of our business account.

        Raises NoAnswer, TryLater, Refused or StopAccount.
        """
        answer = self._ask("GET", f"{self._account_url}/subscribed_apps")
        return bool(reading.children(answer, "data"))

    def _ask(
        self,
        method: str,
        url: str,
        *,
        body: Body | None = None,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        read_timeout: float | None = None,
    ) -> JsonObject:
        """Ask for anything but a message: return the answer's object or raise the tree."""
        status, answer = self._exchange(
            method, url, body=body, params=params, headers=headers, read_timeout=read_timeout
        )
        if not 200 <= status < 300:
            raise self._refusal(status=status, answer=answer)
        try:
            return reading.load(answer)
        except reading.Unreadable as exc:
            raise NoAnswer(exc.reason) from None

    def _exchange(
        self,
        method: str,
        url: str,
        *,
        body: Body | None = None,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        read_timeout: float | None = None,
    ) -> tuple[int, bytes]:
        """Ask once; return status and body of the answer. Raises NotSent or NoAnswer."""
        read_timeout = read_timeout or self._read_timeout
        # A stopwatch, not a clock. No piece of the answer is waited for after this.
        deadline = monotonic() + 2 * self._connect_timeout + read_timeout
        try:
            with self._session.request(
                method,
                url,
                params=params,
                data=body,
                headers={"Content-Type": body.content_type, **(headers or {})} if body else None,
                auth=self._authorize,
                timeout=(self._connect_timeout, read_timeout),
                allow_redirects=False,
                stream=True,
                verify=self._ca_file,
            ) as response:
                return response.status_code, read_answer(response, deadline=deadline)
        # OSError is what all exceptions of requests are; some of urllib3's slip through.
        except (OSError, urllib3.exceptions.HTTPError, ValueError) as exc:
            reason = slug(exc)
        # Raised here, so that nothing hangs on to those exceptions: they carry the request,
        # and with it the token.
        raise NotSent(reason) if body and not body.has_left else NoAnswer(reason)

    def _authorize(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        # Per request and not on the session, which may be shared; and as `auth`, because
        # requests would otherwise prefer what it finds in a .netrc file.
        value = f"{self._provider.auth_prefix}{self._access_token}"
        request.headers.setdefault(self._provider.auth_header, value)
        return request

    def _refusal(self, *, status: int, answer: bytes) -> Exception:
        error = answers.graph_error(answer)
        if error is None:
            return NoAnswer("server_error" if status >= 500 else "no_graph_error")
        match verdict(error.code, http_status=status, transient=error.transient):
            case Verdict.STOP_ACCOUNT:
                return StopAccount(error.code)
            case (
                Verdict.RETRY | Verdict.SLOW_NUMBER | Verdict.SLOW_RECIPIENT | Verdict.SLOW_ACCOUNT
            ):
                return TryLater(error.code)
            case _:
                # Meta likes to quote what it was sent.
                details = error.details.replace(self._access_token, "***")
                return Refused(error.code, details)


def new_session(*, pool_size: int) -> requests.Session:
    """A session for many threads: `pool_size` connections, no cookies, only GETs repeated."""
    retry = Retry(
        total=2,
        connect=0,  # would count for POSTs as well
        other=0,
        read=2,
        status=2,
        allowed_methods={"GET"},
        status_forcelist={500, 502, 503, 504},
        backoff_factor=0.5,  # seconds, doubled each time
        raise_on_status=False,
        respect_retry_after_header=False,  # may ask for minutes; our caller can wait better
    )
    session = requests.Session()
    session.headers["Accept-Encoding"] = "identity"  # nothing to unpack, no bombs
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    for scheme in ("https://", "http://"):
        session.mount(
            scheme, requests.adapters.HTTPAdapter(pool_maxsize=pool_size, max_retries=retry)
        )
    return session


def _bundle(verify: object) -> str:
    """The certificates that requests would trust."""
    return verify if isinstance(verify, str) else requests.utils.DEFAULT_CA_BUNDLE_PATH


def _required(answer: JsonObject, key: str) -> str:
    value = reading.identifier(answer, key)
    if not value:
        raise NoAnswer(f"no_{key}")
    return value
