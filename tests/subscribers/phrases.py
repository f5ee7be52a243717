"""What people write to a number like ours, and what they mean by it.

Written before the code that has to understand it. One phrase a line, in the words of the
people who drive trams and empty bins: dialect, slips of the thumb, other languages, emoji,
whole sentences, and the traps in which a rule that is too clever gets caught.
"""

_LINES = {
    "STOP": """
        stop
        STOP
        Stop!
        stop.
        *STOP*
        "Stop"
        ＳＴＯＰ
        s t o p
        S.T.O.P.
        S-T-O-P
        stopp
        Stopp!!
        STOPPEN
        stoppen bitte
        sotp
        stpo
        stoop
        stooooop
        stoppp
        stop bitte
        bitte stop
        Bitte STOP danke
        stop danke tschüss
        hallo, stop bitte
        Stop jetzt
        jetzt stopp
        STOP STOP STOP
        stop 🙏
        ok stop
        nein stop
        stop mini
        maxi stop
        JA MINI stop
        start stop
        hilfe stop
        stop löschen
        stop und löschen
        pause? stop
        stop all
        please stop
        Stop please
        stop it
        abmelden
        Abmelden!
        abmelden bitte
        bitte abmelden
        ABMELDEN
        Abmeldung
        bitte um Abmeldung
        möchte mich abmelden
        will mich abmelden
        mich abmelden bitte
        abmeldn
        abmedlen
        abbmelden
        abmelen
        abmeldem
        abmleden
        abmelfen
        abmeldug
        abmeldungg
        abbestellen
        Abbestellen bitte
        abbestelen
        abbestllen
        abbestellne
        bitte abbestellen
        newsletter abbestellen
        austragen
        bitte austragen
        austrage
        mich austragen
        Widerruf
        widerruff
        wiederruf
        ich widerrufe
        widerrufen
        Widerruf!
        halt
        Halt!
        ende
        Ende.
        kündigen
        kuendigen
        kundigen
        quit
        Cancel
        keine Nachrichten mehr
        Keine Nachrichten mehr!
        bitte keine Nachrichten mehr
        keine nachrichten mehr bitte
        nix mehr schicken
        nichts mehr schicken
        schickt mir nichts mehr
        Schluss
        schluss jetzt
        aufhören
        hör auf
        hört auf
        bin raus
        ich bin raus
        no more messages
        unsubscribe
        Unsubscribe me
        please unsubscribe
        unsubscibe
        unsubcribe
        unsuscribe
        opt out
        opt-out
        optout
        OptOut
        стоп
        СТОП
        Стоп!
        отписка
        отписаться
        відписатися
        Відписатися
        wypisz
        Wypisz mnie
        iptal
        İPTAL
        IPTAL
        dur
        Dur!
        dừng
        DỪNG
        hủy
        hủy đăng ký
        توقف
        إلغاء
        الغاء
        🛑
        🛑🛑
        ⛔
        ⛔️
        ❌
        ❌❌❌
        🛑 bitte
        ⛔ stop
        👋🛑
        MAXI ⛔
        abmelden danke!
        Danke, abmelden
        stop will nicht mehr
        moin stop
        servus, abmelden bitte
        STOP!!!!!!!!
        sto​p
        ab­melden
    """,
    "AMBIGUOUS_STOP": """
        amelden
        armelden
        aumelden
        axmelden
        autragen
        amelden bitte
        bitte nicht mehr stoppen
        nicht stoppen
        bitte nicht abmelden
        nicht abmelden!
        don't stop
        dont stop
        do not stop
        nicht stop
        net abmelden
        Gestern am Stop hat mir die Linie 3 gut gefallen
        Ich möchte mich bitte von diesen Nachrichten abmelden
        Hallo liebe Redaktion, bitte meldet mich ab, also stop
        Könnt ihr bitte endlich stoppen mit dem Zeug
        wie kann ich mich denn hier wieder abmelden?
        Wo kann man das denn abbestellen
        ich hab doch schon dreimal stop geschrieben
        Please unsubscribe me from all of these messages
        How do I unsubscribe from this list
        Kann ich mich jederzeit wieder abmedlen oder nicht
        ich widerrufe hiermit meine Einwilligung mit sofortiger Wirkung
        Hiermit erkläre ich den Widerruf meiner Einwilligung
        Die Straßenbahn hält nicht am Stop Angerbrücke
        bitte tragt mich aus dem Verteiler aus, Abmeldung
        Warum muss ich erst STOP schreiben
        ❌ die Linie 4 fährt heute wieder nicht pünktlich
        Das Video ist leider nach zehn Sekunden gestoppt, stoppen hilft nicht
        хочу чтобы вы сказали стоп этим новостям
        stop war gestern, heute würde ich gern weiter lesen
    """,
    "START": """
        start
        START
        Start
        Start!
        *start*
        START.
        ＳＴＡＲＴ
        s t a r t
        start 😊
        sta​rt
    """,
    "AGREE_MINI": """
        ja mini
        JA MINI
        Ja, Mini!
        ja  mini
        ＪＡ　ＭＩＮＩ
        yes mini
        Yes, MINI
        ja mini 👍
    """,
    "AGREE_MAXI": """
        ja maxi
        JA MAXI
        Ja, Maxi.
        yes maxi
        YES MAXI!
        ja-maxi
    """,
    "REFUSE": """
        nein
        Nein!
        NEIN
        nein danke
        Nein, danke.
        nee
        nö
        nope
        no
        No thanks
        no, thank you
        нет
        ні
        nie
        hayır
        không
        لا
    """,
    "YES": """
        ja
        Ja
        JA!
        jo
        jap
        joa
        jaa
        jawohl
        klar
        gerne
        ok
        okay
        Okay.
        yes
        yep
        yeah
        да
        так
        tak
        evet
        نعم
        👍
        ✅
        ja bitte
        ja gerne
    """,
    "MINI": """
        mini
        MINI
        Mini!
        mini 🙂
        *Mini*
    """,
    "MAXI": """
        maxi
        MAXI
        Maxi.
        ＭＡＸＩ
    """,
    "MORE_OR_LESS": """
        mehr
        Mehr!
        weniger
        weniger bitte
        bitte weniger
        more
        less
        zu viel
        zu viele
        mehr bitte
        mini bitte
        bitte maxi
        ich will maxi
        ich nehme mini
        lieber mini
        doch lieber maxi
        mini oder maxi
        ja mini bitte
        ja zu mini
        mini ja
        ja minni maxi
        wechsel auf maxi
        tarif
        Tarif ändern
        wechseln
        nicht mini
    """,
    "PAUSE": """
        pause
        PAUSE
        Pause!
        pause bitte
        bitte pause
        Pausieren
        urlaub
        Urlaub 🏖
        bin im urlaub
        ich bin im Urlaub
        holiday
        vacation
        пауза
        przerwa
        ara
        tạm dừng
    """,
    "CONTINUE": """
        weiter
        WEITER
        Weiter!
        weiter bitte
        bitte weiter
        weiter bekommen
        weitermachen
        noch dabei
        bin noch dabei
        ich bin noch dabei
        ja weiter
        ja noch dabei
        continue
        resume
    """,
    "ERASE": """
        löschen
        LÖSCHEN
        Löschen!
        loeschen
        LOESCHEN
        loschen
        lösche
        alle daten löschen
        alles löschen
        meine daten löschen
        bitte löschen
        bitte alles löschen
        bitte löscht meine Daten
        Daten löschen
        löschung
        vergessen
        vergesst mich
        delete
        Delete!
        delete my data
        erase
        please delete everything
        удалить
        видалити
        usuń
        USUŃ
        usun
        sil
        SİL
        xóa
        حذف
        🗑
        🗑️
    """,
    "ERASE_CONFIRMED": """
        ja löschen
        JA LÖSCHEN
        Ja, löschen!
        ja loeschen
        yes delete
        Yes, delete
    """,
    "ACCESS": """
        auskunft
        AUSKUNFT
        Auskunft bitte
        meine daten
        Meine Daten?
        datenauskunft
        Datenauskunft!
        dsgvo
        DSGVO
        gdpr
        access
        my data
        мои данные
        мої дані
        moje dane
        verilerim
        dữ liệu
        Dữ liệu
        du lieu
        بياناتي
        was wisst ihr über mich
        was habt ihr über mich gespeichert
    """,
    "HELP": """
        hilfe
        HILFE
        Hilfe!
        hilfe bitte
        help
        help me
        info
        infos
        menü
        Menue
        menu
        ?
        ???
        помощь
        допомога
        pomoc
        yardım
        YARDIM
        giúp
        مساعدة
        🆘
        was kann ich hier schreiben
        wie geht das
    """,
    "LANGUAGE": """
        sprache
        Sprache ändern
        Sprache wechseln
        language
        мова
        язык
        język
        dil
        ngôn ngữ
        لغة
    """,
    "GERMAN": """
        deutsch
        Deutsch bitte
        auf deutsch
        german
        german please
    """,
    "ENGLISH": """
        english
        English please
        in english
        englisch
        auf Englisch
        Englisch bitte
    """,
    "UNCLEAR": """
        ist halt so
        Ist halt so.
        dann halt nicht
        da kannste halt nix machen
        halt mal die Luft an
        am Ende des Tages passt es
        Ende gut alles gut
        Wochenende
        ende märz
        ich will kündigen beim Fitnessstudio
        wo muss ich kündigen
        der Chef hat gekündigt
        anmelden
        Anmelden!
        Anmeldung
        anmeldn
        anmelde
        anmelden bitte
        ich möchte mich anmelden
        ummelden
        einmelden
        bestellen
        eintragen
        auftragen
        auftrag
        widerspruch
        top
        Topp!
        shop
        stau
        stock
        stoff
        Steppen
        stopfen
        start bitte
        ich will starten
        starten
        starte
        Startseite
        START 2
        restart
        jamini
        ja minni
        ja macht mal
        nicht ja mini oder so
        minimal
        maximal
        Maximilian
        Guten Morgen
        Moin
        Hallo
        hi
        Danke!
        Danke für die Info heute
        Schönes Foto!
        Wann fährt die Linie 3 wieder?
        Was kostet das Jobticket jetzt eigentlich
        die pausenregelung ist unklar
        Mittagspause war super
        Urlaubsantrag wo abgeben
        wann wird der urlaubsplan gemacht
        ich hab das vergessen
        habe meinen Schlüssel vergessen
        das kann ich dir nicht helfen
        meine daten sind veraltet glaub ich
        kein Ding
        Nein, das war gestern
        das geht nicht
        nix los heute
        Lösung gefunden
        Quittung
        Quito
        Dürüm
        silber
        Silvester
        Halteverbot
        Haltestelle
        haltet durch
        1
        42
        😂
        ❤️
        👏👏
        …
        !
        Ich habe die Bilder von gestern leider nicht bekommen
        Könnt ihr mal über die neuen Busse berichten
        weiter so!
        Weiterbildung
        mehr Lohn wäre schön
        weniger Werbung wäre nett
        Sprachkurs
        wo gibt es Hilfe beim Umzug
        Konzert war mega, gerne wieder
        lol
    """,
}

# (phrase, name of the intent)
PHRASES = [
    (line.strip(), intent)
    for intent, lines in _LINES.items()
    for line in lines.strip().splitlines()
]
