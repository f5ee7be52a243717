"""The words that people use towards us, by what they mean.

Words are written as a dictionary would; `understanding` folds case, accents and umlauts on both
sides. The words outside German and English are a start: native speakers should review them
(docs/privacy.md).
"""

# Mean “stop” alone, and inside a short message.
STRONG_STOP = """
    stop stopp stoppen sotp stpo stoop
    abmelden abmeldung abbestellen abbestellung austragen
    widerruf wiederruf widerrufe widerrufen
    unsubscribe optout
"""
STRONG_STOP_ELSEWHERE = """
    стоп отписка отписаться відписатися wypisz iptal hủy توقف إلغاء
"""
STOP_SIGNS = "🛑⛔❌"

# Means “stop” as the entire message; inside any other it is asked about (“wann stoppt der Bus?”).
DOUBTFUL_STOP = "stoppt stopt"
# Everyday words and whole phrases: mean “stop” as the entire message only, because “ist halt
# so” must not. A word of politeness beside them does not count. A phrase of several words
# inside a longer message is asked about.
STOP_PHRASES = (
    "halt, ende, kündigen, quit, cancel, schluss, schluss jetzt, aufhören, hör auf, hört auf, "
    "bin raus, ich bin raus, opt out, no more messages, keine nachrichten mehr, "
    "nix mehr schicken, nichts mehr schicken, schickt mir nichts mehr"
)
STOP_PHRASES_ELSEWHERE = "dur, dừng"

# Neighbours of a strong word that mean something else. What is one slip away from one of
# these as well as from a strong word is asked about.
NOT_STOP = "anmelden anmeldung auftragen stopfen steppen toppen"
NEGATIONS = "nicht nich net ned nie niemals not dont never не değil không"

# What a message must not consist of besides, to count as the phrase alone.
POLITE = "bitte danke please thanks hallo hi moin servus jetzt mal"

# Only the exact words, and nothing beside them: they begin or change something.
EXACTLY = {
    "START": "start",
    "AGREE_MINI": "ja mini, yes mini",
    "AGREE_MAXI": "ja maxi, yes maxi",
    "MINI": "mini",
    "MAXI": "maxi",
    "ERASE_CONFIRMED": "ja löschen, yes delete",
}
# The whole message, apart from politeness.
PHRASES = {
    "REFUSE": "nein, nein danke, nee, nö, nope, no, no thanks, no thank you",
    "YES": (
        "ja, jo, jap, jaa, joa, jawohl, klar, gerne, ja gerne, ok, okay, yes, yep, yeah, "
        "in ordnung, einverstanden"
    ),
    "MORE_OR_LESS": "mehr, weniger, more, less, zu viel, zu viele, tarif ändern, wechseln, tarif",
    "PAUSE": (
        "pause, pausieren, urlaub, im urlaub, bin im urlaub, ich bin im urlaub, holiday, vacation"
    ),
    "CONTINUE": (
        "weiter, weiter bekommen, weitermachen, noch dabei, bin noch dabei, ich bin noch dabei, "
        "ja weiter, ja noch dabei, continue, resume"
    ),
    "ERASE": (
        "löschen, lösche, löschung, alle daten löschen, alles löschen, daten löschen, "
        "meine daten löschen, löscht meine daten, vergessen, vergesst mich, delete, "
        "delete my data, delete everything, erase"
    ),
    "ACCESS": (
        "auskunft, meine daten, datenauskunft, dsgvo, gdpr, access, my data, "
        "was wisst ihr über mich, was habt ihr über mich gespeichert"
    ),
    "HELP": (
        "hilfe, help, help me, info, infos, menü, menu, was kann ich hier schreiben, wie geht das"
    ),
    "LANGUAGE": "sprache, sprache ändern, sprache wechseln, language",
    "GERMAN": "deutsch, auf deutsch, german, in german",
    "ENGLISH": "english, englisch, auf englisch, in english",
}
PHRASES_ELSEWHERE = {
    "REFUSE": "нет, ні, nie, hayır, không, لا",
    "YES": "да, так, tak, evet, نعم",
    "PAUSE": "пауза, przerwa, ara, tạm dừng",
    "ERASE": "удалить, видалити, usuń, sil, xóa, حذف",
    "ACCESS": "мои данные, мої дані, moje dane, verilerim, dữ liệu, بياناتي",
    "HELP": "помощь, допомога, pomoc, yardım, giúp, مساعدة",
    "LANGUAGE": "мова, язык, język, dil, ngôn ngữ, لغة",
}
# A message without any word.
SIGNS = {"ERASE": "🗑", "HELP": "🆘?", "YES": "👍✅"}

# What a tap on one of our buttons means. The ids travel through WhatsApp: never rename one.
BUTTONS = {
    "consent:mini": "AGREE_MINI",
    "consent:maxi": "AGREE_MAXI",
    "consent:no": "REFUSE",
    "tier:mini": "MINI",
    "tier:maxi": "MAXI",
    "stop": "STOP",
    "continue": "CONTINUE",
    "erase:yes": "ERASE_CONFIRMED",
    "erase:cancel": "CANCEL",
    "language:de": "GERMAN",
    "language:en": "ENGLISH",
}
