"""Links that give readers away: what newsletters and search engines hang on to an address.

Whoever runs the page behind it learns from them by which way somebody came, some even who it
was. Nothing of it is needed to get there.
"""

import re
from urllib.parse import unquote_plus

# Named by whoever invented them: Google, Meta, Microsoft, X, TikTok, LinkedIn, Yandex, Mailchimp,
# HubSpot, Marketo, Vero, Adobe, AT Internet, Matomo, and German publishers.
_PREFIXES = ("utm_", "mtm_", "pk_", "matomo_", "at_", "hsa_", "_hs", "wt_", "wt.")
_NAMES = frozenset(
    {
        *("gclid", "dclid", "gbraid", "wbraid", "gclsrc", "srsltid", "fbclid", "igshid", "igsh"),
        *("msclkid", "twclid", "ttclid", "li_fat_id", "yclid", "mc_cid", "mc_eid", "mkt_tok"),
        *("vero_id", "oly_anon_id", "oly_enc_id", "s_cid", "ncid", "trk", "campaign_id"),
    }
)
_LINK = re.compile(r"(?:https?://|www\.)[^\s<>\"“”„]+", re.IGNORECASE)
_END = re.compile(r"[.,;:!?)\]]*$")  # belongs to the sentence around a link


def tracked(text: str) -> list[str]:
    """Return the names of everything in the links of a text that tracks, in their order."""
    names: list[str] = []
    for link in _LINK.findall(text):
        names += [_name(part) for part in _parts(link) if _tracks(part)]
    return list(dict.fromkeys(names))


def untracked(text: str) -> str:
    """Return the text with links that lead to the same pages and tell nothing."""
    return _LINK.sub(lambda found: _untracked(found[0]), text)


def _untracked(link: str) -> str:
    ending = _END.search(link)
    tail = ending[0] if ending else ""
    address, hash_mark, fragment = link.removesuffix(tail).partition("#")
    page, _mark, query = address.partition("?")
    kept = "&".join(part for part in query.split("&") if part and not _tracks(part))
    fragment = "&".join(part for part in fragment.split("&") if not _tracks(part))
    whole = f"{page}?{kept}" if kept else page
    return whole + (hash_mark + fragment if fragment else "") + tail


def _parts(link: str) -> list[str]:
    address, _mark, fragment = link.partition("#")
    return [*address.partition("?")[2].split("&"), *fragment.split("&")]


def _name(part: str) -> str:
    return unquote_plus(part.partition("=")[0]).lower().removeprefix("amp;")


def _tracks(part: str) -> bool:
    name = _name(part)
    return "=" in part and (name.startswith(_PREFIXES) or name in _NAMES)
