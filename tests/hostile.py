"""Texts that somebody may try on a desk: forty, of ten kinds. None of them may do anything."""

KINDS = {
    "script": "<script>alert(1)</script>",
    "image": "<img src=x onerror=alert(1)>",
    "drawing": "<svg/onload=alert(1)>",
    "javascript": '<a href="javascript:alert(1)">Hier</a>',
    "data": '<iframe src="data:text/html,<script>alert(1)</script>"></iframe>',
    "attribute": '"\'><b autofocus onfocus=alert(1) x="',
    "template": "{{7*7}}{% debug %}${7*7}",
    "turned": "\u202egpj.exe\u202c <i onclick=alert(1)>x",
    "invisible": "https://swe.example\u200b@evil.example/\u2060<u onmouseover=alert(1)>",
    "endless": "<p onclick=alert(1)>" + "a" * 65_000,
}
PLACES = ("{}", "TA: {} (Abo)", "*{}*", "- {} https://swe.example/?a=1&b=2")
TEXTS = {kind: [place.format(payload) for place in PLACES] for kind, payload in KINDS.items()}
