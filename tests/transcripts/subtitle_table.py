"""Subtitles as the world writes them, each with what is spoken: text, speaker and emotion of every phrase."""

from __future__ import annotations

from typing import Final, NamedTuple

Phrase = tuple[str, str | None, str]


class Case(NamedTuple):
    """A file and what it says."""

    name: str
    content: str | bytes
    phrases: tuple[Phrase, ...]
    ending: str = "srt"
    starts: tuple[float, ...] = ()
    note: str = ""


def srt(*cues: str, first: float = 1.0, gap: float = 1.0) -> str:
    """Return SRT whose cues last for a second each."""
    blocks = []
    for number, cue in enumerate(cues, start=1):
        start = first + (number - 1) * (1 + gap)
        blocks.append(f"{number}\n00:00:{start:06.3f} --> 00:00:{start + 1:06.3f}\n{cue}\n".replace(".", ",", 2))
    return "\n".join(blocks)


def vtt(*cues: str) -> str:
    """Return WebVTT whose cues last for a second each."""
    return "WEBVTT\n\n" + "\n".join(
        f"00:0{2 * number}.000 --> 00:0{2 * number + 1}.000\n{cue}\n" for number, cue in enumerate(cues, start=1)
    )


def in_turn(first: str, second: str) -> tuple[Phrase, ...]:
    """Two people without names: the second one gets a name, so that it gets a voice."""
    return (first, None, ""), (second, "speaker 2", "")


def said(*texts: str, speaker: str | None = None, emotion: str = "") -> tuple[Phrase, ...]:
    return tuple((text, speaker, emotion) for text in texts)


ASS: Final = (
    "[Script Info]\nScriptType: v4.00+\n\n[V4+ Styles]\nFormat: Name, Fontname\nStyle: Default,Arial\n\n[Events]\n"
    "Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
)
TTML: Final = '<?xml version="1.0"?><tt xmlns="http://www.w3.org/ns/ttml"><body><div>{}</div></body></tt>'
ROLLING: Final = (
    "WEBVTT\nKind: captions\nLanguage: en\n\n"
    "00:00:00.000 --> 00:00:02.000 align:start position:0%\n \nwe<00:00:00.500><c> begin</c>\n\n"
    "00:00:02.000 --> 00:00:02.010 align:start position:0%\nwe begin\n \n\n"
    "00:00:02.010 --> 00:00:04.000 align:start position:0%\nwe begin\nwith<00:00:02.500><c> this.</c>\n\n"
    "00:00:04.000 --> 00:00:04.010 align:start position:0%\nwith this.\n \n\n"
    "00:00:04.010 --> 00:00:06.000 align:start position:0%\nwith this.\nThen<00:00:05.000><c> we stop.</c>\n"
)

_CAPTIONS: Final = (
    (srt("[indistinct chatter]", "[Sheldon] Knock, knock."), said("Knock, knock.", speaker="Sheldon")),
    (srt("[SIREN WAILING IN DISTANCE]", "OFFICER: Freeze!"), said("Freeze!", speaker="OFFICER")),
    (srt("(clears throat)\nLadies and gentlemen..."), said("Ladies and gentlemen...")),
    (srt("(PHONE RINGS)\nHello?"), said("Hello?")),
    (srt("- [Man] Stop!\n- [Woman] Never!"), (("Stop!", "Man", ""), ("Never!", "Woman", ""))),
    (srt("[narrator] Long ago..."), said("Long ago...", speaker="narrator")),
    (srt("<i>(Tires screech)</i>", "Look out!"), said("Look out!")),
    (srt("{\\an8}[THEME SONG PLAYS]", "{\\an8}Good morning."), said("Good morning.")),
    (srt("MRS. O'BRIEN: Come in."), said("Come in.", speaker="MRS. O'BRIEN")),
    (srt("DR. SMITH (ON PHONE): Yes?"), said("Yes?", speaker="DR. SMITH")),
    (srt("I said: \"Go!\""), said("I said: \"Go!\"")),
    (srt("[laughs] [coughs] Sorry."), said("Sorry.")),
    (srt("¶ (upbeat music) ¶", "Hi."), said("Hi.")),
    (srt("It's 10:30."), said("It's 10:30.")),
    (srt("- Why?\n- Because\nI said so."), in_turn("Why?", "Because I said so.")),
    (srt("Hello -- wait."), said("Hello -- wait.")),
    (srt("[tense music]\n[door creaks open]", " Who's there?"), said("Who's there?")),
    (srt("[breathes heavily] I can't."), said("I can't.")),
    (srt("[on radio] Copy."), said("Copy.")),
    (srt("[Mary and John] Surprise!"), said("Surprise!", speaker="Mary and John")),
    (srt("(In French): Bonjour."), said("Bonjour.")),
    (srt("[rumbling intensifies]", "Run!"), said("Run!")),
    (srt("♪ ♪", "[Cheers and applause]", "Thank you."), said("Thank you.")),
    (srt(">>> Breaking news.\n>> Thanks, Jim."), in_turn("Breaking news.", "Thanks, Jim.")),
    (srt("[ Silence ]", "Well?"), said("Well?")),
    (srt("<font size=12>Hi</font>"), said("Hi")),
    (srt("[BLANK_AUDIO]", "(upbeat music)", "Hello."), said("Hello.")),
    (vtt("<v Mary Jane><i>Hi</i>", "<b>Bye</b>"), (("Hi", "Mary Jane", ""), ("Bye", None,""))),
    (srt("[Beat]", "Okay."), said("Okay.")),
    (srt("[gentle piano]", "Okay."), said("Okay.")),
    (srt("[crowd gasps] Oh no!"), said("Oh no!")),
    (srt("[baby coos] So sweet."), said("So sweet.")),
    (srt("[Vader breathing] Luke."), said("Luke.")),
    (srt("[bleep] you!"), said("you!")),
    (srt("[softly] Goodbye."), said("Goodbye.")),
    (srt("[Chuckling] Nice."), said("Nice.")),
    (srt("[Alarm blaring]\nEvacuate!"), said("Evacuate!")),
    (srt("[glass breaks] What was that?"), said("What was that?")),
    (srt("[Tires screeching] Stop!"), said("Stop!")),
    (srt("[Spanish accent] Hola."), said("Hola.")),
    (srt("[grunts] Heavy."), said("Heavy.")),
    (srt("[wolf howls]", "[owl hooting] Hm."), said("Hm.")),
    (srt("[TYPING] Done."), said("Done.")),
)  # fmt: skip
"""SRT and WebVTT with captions for the deaf, and what is spoken."""

CASES: Final = (
    *(Case(f"captions {number}", *captions) for number, captions in enumerate(_CAPTIONS, start=1)),
    # Sounds, music and manners.
    Case("a sound alone", srt("[door slams]", "Who is there?"), said("Who is there?"), note="[door slams]"),
    Case("a sound before words", srt("[door slams] Who is there?"), said("Who is there?")),
    Case("a sound within words", srt("Well [sighs] I do not know."), said("Well I do not know.")),
    Case("a sound after words", srt("Come here. [whistles]"), said("Come here.")),
    Case("sounds in capitals", srt("[MUSIC PLAYING]", "[LAUGHTER] Stop it!"), said("Stop it!")),
    Case("a sound with a capital", srt("[Applause]", "[Gunshot] Get down!"), said("Get down!")),
    Case("a sound over two lines", srt("[phone\nringing]\nHello?"), said("Hello?")),
    Case("two sounds", srt("[thunder rumbling, rain pattering]\n[dog barks] Rex!"), said("Rex!")),
    Case("a sound in parentheses", srt("(door slams)", "Who is there?"), said("Who is there?")),
    Case("a manner in parentheses", srt("(whispering) Come here."), said("Come here.")),
    Case("capitals in parentheses", srt("(SIGHS) I know."), said("I know.")),
    Case("words in parentheses", srt("He was (as usual) late."), said("He was (as usual) late.")),
    Case("a language", srt("[speaking French]", "[in English] Good day."), said("Good day.")),
    Case("a place", srt("[on phone] Are you there?"), said("Are you there?")),
    Case("notes and parentheses", srt("♪ (music) ♪", "Hello."), said("Hello."), note="lines of song (1)"),
    Case("a song", srt("♪ I walk the line ♪", "Stop singing!"), said("Stop singing!")),
    Case("a song over lines", srt("♪ one\ntwo ♪", "♪ three\n♪ four", "Five."), said("Five.")),
    Case("double notes", srt("♫♪ la la ♪♫\nQuiet!"), said("Quiet!")),
    Case("a note alone", srt("♪", "♪♪", "Go."), said("Go.")),
    Case("a song between words", srt("She sang ♪ la la ♪ and left."), said("She sang and left.")),
    Case("a song in hashes", srt("# We will, we will #", "We are number #1."), said("We are number #1.")),
    Case("stars", srt("*sighs* All right."), said("All right.")),
    Case("wide brackets", srt("【音乐】", "（笑）你好。"), said("你好。")),
    Case("dots alone", srt("...", "—", "Yes."), said("Yes.")),
    # Speakers.
    Case("a label", srt("NARRATOR: It was dark."), said("It was dark.", speaker="NARRATOR")),
    Case("a label on its own line", srt("MAN 1:\nWait for me!"), said("Wait for me!", speaker="MAN 1")),
    Case("a label with a place", srt("JOHN (V.O.): I was young."), said("I was young.", speaker="JOHN")),
    Case("a word and a colon", srt("Remember: never again."), said("Remember: never again.")),
    Case("a time of day", srt("AT 10:30 we left."), said("AT 10:30 we left.")),
    Case(
        "labels in one cue",
        srt("ANNA: Is it you?\nBEN: It is me."),
        (("Is it you?", "ANNA", ""), ("It is me.", "BEN", "")),
    ),
    Case("a name in parentheses", srt("(ANNA) It is me."), said("It is me.", speaker="ANNA")),
    Case("a name in brackets", srt("[Anna] It is me."), said("It is me.", speaker="Anna")),
    Case("a name and a manner", srt("[John, whispering] Come here."), said("Come here.", speaker="John")),
    Case("a label holds", srt("JOHN: I saw", "that we left.", gap=0), said("I saw that we left.", speaker="JOHN")),
    Case("dialogue", srt("- Are you there?\n- Yes, I am."), in_turn("Are you there?", "Yes, I am.")),
    Case("dialogue without spaces", srt("-Are you there?\n-Yes."), in_turn("Are you there?", "Yes.")),
    Case("dialogue after a line", srt("Are you there?\n– Yes."), in_turn("Are you there?", "Yes.")),
    Case(
        "dialogue with labels",
        srt("- ANNA: Who?\n- [Ben] Me."),
        (("Who?", "ANNA", ""), ("Me.", "Ben", "")),
    ),
    Case("dialogue with a sound", srt("- [gasps]\n- What is it?"), said("What is it?")),
    Case("dialogue ends who spoke", srt("[Anna] Well.", "- Yes?"), (("Well.", "Anna", ""), ("Yes?", None, ""))),
    Case("dialogue that others follow", srt("- Why?\n- Because.", "So it went.", "- Did it?", "- It did.", "Yes."),
         (*in_turn("Why?", "Because."), *in_turn("So it went.", "Did it?"), *in_turn("It did.", "Yes.")[:1],
          ("Yes.", None, ""))),
    Case("dialogue of which a sentence goes on", srt("- Why?\n- Because he", "said so.", "Yes.", gap=0),
         (*in_turn("Why?", "Because he said so."), ("Yes.", None, ""))),
    *(Case(f"no name in {line!r}", srt(line), said(line))
      for line in ("TIME: 5:30", "DATE: May 3", "SCORE: 3-1", "LOCATION: Berlin")),
    Case("a number below zero", srt("-5 degrees."), said("-5 degrees.")),
    Case("a change of speaker", srt(">> Good evening.\n>> Good evening."), in_turn("Good evening.", "Good evening.")),
    Case("a change within a line", srt("Really? >> Yes."), in_turn("Really?", "Yes.")),
    Case("a change as entities", srt("&gt;&gt; Ann Lee: Good evening."), said("Good evening.", speaker="Ann Lee")),
    # Mark-up.
    Case("italics", srt("<i>Hello</i> <b>there</b>."), said("Hello there.")),
    Case("a font", srt('<font color="#ffff00">Hello</font> there.'), said("Hello there.")),
    Case("escaped italics", srt("&lt;i&gt;Hello&lt;/i&gt;."), said("Hello.")),
    Case("entities", srt("Salt &amp; pepper&nbsp;&#33;"), said("Salt & pepper!")),
    Case("no entity", srt("AT&T has R&D; A&notes."), said("AT&T has R&D; A&notes.")),
    Case("a place on the screen", srt(r"{\an8}Look up!"), said("Look up!")),
    Case("codes within a word", srt(r"{\i1}Hel{\b1}lo{\i0}\Nthere{\pos(10,20)}."), said("Hello there.")),
    Case("codes of MicroDVD", srt("{y:i}{c:$0000ff}Hello."), said("Hello.")),
    Case("a break", srt("Hello<br/>there."), said("Hello there.")),
    Case("less than", srt("5 < 6 and 7 > 3."), said("5 < 6 and 7 > 3.")),
    Case("marks of direction", srt("\u202bHello\u200f there.\u202c"), said("Hello there.")),
    Case("two speakers in a line", srt("ANNA: Hi. BEN: Hello! NOTE: it ends."),
         (("Hi.", "ANNA", ""), ("Hello! NOTE: it ends.", "BEN", ""))),
    Case("a break of SubViewer", srt("Hello[br]there."), said("Hello there.")),
    # How files are written.
    Case("a byte order mark", "\ufeff" + srt("Hello."), said("Hello.")),
    Case("carriage returns", srt("Hello.", "Bye.").replace("\n", "\r"), said("Hello.", "Bye.")),
    Case("two carriage returns", srt("Hello.", "Bye.").replace("\n", "\r\r\n"), said("Hello.", "Bye.")),
    Case("double spaced", srt("Hello.", "Bye.", "So.").replace("\n", "\n\n"), said("Hello.", "Bye.", "So.")),
    Case("UTF-16", srt("Héllo.").encode("utf-16"), said("Héllo.")),
    Case("UTF-16 without a mark", srt("Hello.").encode("utf-16-be"), said("Hello.")),
    Case("Windows-1252", srt("“Café”, déjà vu…").encode("cp1252"), said("“Café”, déjà vu…"), note="Windows-1252"),
    Case("Windows-1251", srt("Привет, как дела?").encode("cp1251"), said("Привет, как дела?"), note="Windows-1251"),
    *(
        Case(f"one cue of {len(text)} characters in {encoding}", srt(text).encode(encoding), said(text), note=shown)
        for (encoding, shown), texts in {
            ("cp1251", "Windows-1251"): ("Привет.", "Да", "Что?", "Как дела?", "Я тебя люблю.", "МАМА!",
                                         "Добрий день, друже"),
            ("koi8_r", "KOI8-R"): ("Привет.", "Как дела?"),
            ("cp866", "IBM866"): ("Привет.", "Как дела?"),
            ("cp1253", "Windows-1253"): ("Καλημέρα", "Τι κάνεις;"),
            ("cp1255", "Windows-1255"): ("שלום",),
            ("cp1256", "Windows-1256"): ("كيف حالك؟",),
        }.items()
        for text in texts
    ),
    *(
        Case(f"one cue of {len(text)} characters in Windows-1252", srt(text).encode("cp1252"), said(text),
             note="Windows-1252")
        for text in ("É?", "Ça va?", "¿Qué?", "Åh nej", "“Très…”")
    ),
    Case("GB 18030", srt("你好，我们明天见。今天天气很好。").encode("gb18030"),
         said("你好，我们明天见。今天天气很好。"), note="GB18030"),
    Case("a damaged character", "1\n00:00:01,000 --> 00:00:02,000\nDéjà v".encode() + b"\xff" + " à l’été.".encode(),
         said("Déjà v\ufffd à l’été.")),
    Case("no numbers", "00:00:01,000 --> 00:00:02,000\nOne.\n\n00:00:03,000 --> 00:00:04,000\n42.\n",
         said("One.", "42.")),
    Case("no empty lines", "1\n00:00:01,000 --> 00:00:02,000\nOne.\n2\n00:00:03,000 --> 00:00:04,000\nTwo.",
         said("One.", "Two.")),
    Case("an empty line within",
         "1\n00:00:01,000 --> 00:00:02,000\nOne,\n\ntwo.\n\n2\n00:00:03,000 --> 00:00:04,000\nSo.",
         said("One, two.", "So.")),
    Case("a number that is said", "1\n00:00:01,000 --> 00:00:02,000\n1984\n\n2\n00:00:03,000 --> 00:00:04,000\nYes.",
         said("1984", "Yes.")),
    Case("dots in times", "1\n00:00:01.500 --> 00:00:02.000\nHello.", said("Hello."), starts=(1.5,)),
    Case("one digit", "1\n0:0:1,5 --> 0:0:2,0\nHello.", said("Hello."), starts=(1.5,)),
    Case("no hours", "1\n00:01,000 --> 00:02,000\nHello.", said("Hello."), starts=(1.0,)),
    Case("no fractions", "1\n00:00:01 --> 00:00:02\nHello.", said("Hello."), starts=(1.0,)),
    Case("spaces in times", "1\n00: 00: 01, 500 -> 00: 00: 02, 000\nHello.", said("Hello."), starts=(1.5,)),
    Case("places beside times", "1\n00:00:01,000 --> 00:00:02,000 X1:40 X2:600\nHello.", said("Hello.")),
    Case("a time below zero", "1\n-00:00:01,000 --> 00:00:02,000\nHello.", said("Hello."), starts=(0.0,)),
    Case("an end before the start", "1\n00:00:05,000 --> 00:00:02,000\nHello.", said("Hello."), starts=(5.0,),
         note="end before they begin"),
    Case("no length", "1\n00:00:05,000 --> 00:00:05,000\nHello.", said("Hello."), starts=(5.0,)),
    Case("out of order", "2\n00:00:05,000 --> 00:00:06,000\nTwo.\n\n1\n00:00:01,000 --> 00:00:02,000\nOne.",
         said("One.", "Two."), starts=(1.0, 5.0)),
    Case("overlapping", "1\n00:00:01,000 --> 00:00:04,000\nOne.\n\n2\n00:00:02,000 --> 00:00:03,000\nTwo.",
         said("One.", "Two."), starts=(1.0, 2.0)),
    Case("twice at once",
         "1\n00:00:01,000 --> 00:00:04,000\nOne.\n\n2\n00:00:01,000 --> 00:00:04,000\nOne.", said("One."),
         note="said once"),
    Case("the same again", srt("No!", "No!", gap=0), said("No!", "No!")),
    Case("a late hour", "1\n100:00:01,000 --> 100:00:02,000\nHello.", said("Hello."), starts=(360_001.0,)),
    # WebVTT.
    Case("blocks of WebVTT", "WEBVTT - a title\nKind: captions\n\nNOTE a\ncomment\n\nSTYLE\n::cue { color: red }\n\n"
         "REGION\nid:one\n\nfirst\n00:01.000 --> 00:02.000 line:0\nHello.\n\nNOTE no --\n\n"
         "00:03.000 --> 00:04.000\nBye.",
         said("Hello.", "Bye."), "vtt"),
    Case("voices", vtt("<v Anna>Who?", "<v.loud Ben &amp; Co>Me.</v>"),
         (("Who?", "Anna", ""), ("Me.", "Ben & Co", "loud")), "vtt"),
    Case("two voices in a cue", vtt("<v Anna>Who?</v>\n<v Ben>Me.</v>"),
         (("Who?", "Anna", ""), ("Me.", "Ben", "")), "vtt"),
    Case("colours", vtt("<c.yellow.bg_blue>Hello.</c>"), said("Hello."), "vtt"),
    Case("times within", vtt("Hel<00:02.500>lo <c>there</c>."), said("Hello there."), "vtt"),
    Case("ruby", vtt("<ruby>漢<rt>kan</rt></ruby>字。"), said("漢字。"), "vtt"),
    Case("sounds in WebVTT", vtt("[door slams]", "<v Anna>[sighs] Yes."), said("Yes.", speaker="Anna"), "vtt"),
    Case("rolling captions", ROLLING, said("we begin with this.", "Then we stop."), "vtt", note="said once"),
    # Other formats.
    Case("SBV", "0:00:01.000,0:00:02.000\nHello.\n\n0:00:03.000,0:00:04.000\nBye.\n", said("Hello.", "Bye."), "sbv"),
    Case("ASS", ASS + "Dialogue: 0,0:00:01.00,0:00:02.00,Default,Anna,0,0,0,,{\\an8\\i1}Hello\\Nthere.{a comment}\n"
         "Comment: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,not this\n"
         "Dialogue: 0,0:00:02.00,0:00:03.00,Default,,0,0,0,,{\\p1}m 0 0 l 100 0{\\p0}\n"
         "Dialogue: 0,0:00:03.00,0:00:04.00,Default,,0,0,0,,{\\k20}Bye\\h{\\k30}now.\n",
         (("Hello there.", "Anna", ""), ("Bye now.", None, "")), "ass"),
    Case("MicroDVD", "{1}{1}25.000\n{25}{50}Hello|there.\n{75}{100}{y:i}Bye.\n", said("Hello there.", "Bye."), "sub",
         (1.0, 3.0)),
    Case("MicroDVD without a rate", "{25}{50}Hello.\n", said("Hello."), "sub", (1.0,)),
    Case("MPL2", "[10][20]Hello|there.\n[30][40]Bye.\n", said("Hello there.", "Bye."), "txt", (1.0, 3.0)),
    Case("TTML", TTML.format('<p begin="00:00:01.000" end="00:00:02.000">Hello<br/>there &amp; <span>all</span>.</p>'),
         said("Hello there & all."), "ttml", (1.0,)),
    Case("TTML with definitions elsewhere, which are not read",
         TTML.replace("<tt ", "<!DOCTYPE tt SYSTEM 'http://192.0.2.7/tt.dtd'><tt ").format(
             '<p begin="1s" end="2s">Hello.</p>'), said("Hello."), "ttml"),
    Case("SAMI",
         "<SAMI><BODY><SYNC Start=1000><P Class=ENCC>Hello<br>there."
         "<SYNC Start=2000><P Class=ENCC>&nbsp;</BODY></SAMI>",
         said("Hello there."), "smi", (1.0,)),
    *(Case(f"SAMI in {name}",
           "<SAMI><HEAD><STYLE><!-- .ENCC{lang:en-US} .DECC{lang:de} .XX{lang:de} --></STYLE></HEAD><BODY>" + body,
           spoken, "smi", note=note)
      for name, body, spoken, note in (
          ("two languages at one time",
           "<SYNC Start=1000><P Class=ENCC>Hello there<P Class=DECC>Hallo du</BODY></SAMI>",
           said("Hello there"), "holds en, de: en is spoken"),
          ("two languages one after another",
           "<SYNC Start=1000><P Class=DECC>Hallo.<SYNC Start=3000><P Class=DECC>Du.\n"
           "<SYNC Start=1000><P Class=ENCC>Hello.<SYNC Start=3000><P Class=ENCC>You.</BODY></SAMI>",
           said("Hallo.", "Du."), "holds de, en: de is spoken"),
          ("two classes of one language", "<SYNC Start=1000><P Class=DECC>Hallo<SYNC Start=1500><P Class=XX>du.</SAMI>",
           said("Hallo du."), ""))),
    *(Case(f"ASS of the fields {fields}", f"[Events]\nFormat: {fields}\nDialogue: {line}\n", phrases, "ass", (1.0,))
      for fields, line, phrases in (
          ("Start, End, Text", "0:00:01.00,0:00:02.00,One, two, three", said("One, two, three")),
          ("Layer, Start, End, Actor, Text", "0,0:00:01.00,0:00:02.00,Anna,Hi, you.", said("Hi, you.", speaker="Anna")),
          ("Layer, End, Start, Name, Text", "0,0:00:02.00,0:00:01.00,,Hi.", said("Hi.")))),
    *(Case(f"{ending} before zero", content, said("Hi."), ending, (0.0,), note="begin before zero: 1")
      for ending, content in (
          ("srt", "1\n-00:00:01,000 --> 00:00:02,000\nHi.\n"),
          ("vtt", "WEBVTT\n\n-00:01.000 --> 00:02.000\nHi.\n"),
          ("ass", ASS + "Dialogue: 0,-0:00:01.00,0:00:02.00,Default,,0,0,0,,Hi.\n"))),
    Case("a wrong hour", "1\n00:00:01,000 --> 00:00:02,000\nHi.\n\n2\n20:00:00,000 --> 20:00:02,000\nBye.\n",
         said("Hi.", "Bye."), note="ends 20.0 hours after the beginning: speech with these pauses is about 3.5 GB"),
    Case("words beside a picture",
         ASS + "Dialogue: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,"
         r"{\pos(1,2)}Hello, there\Nfriend{\p1}m 0 0 l 100 0{\p0}" "\n"
         r"Dialogue: 0,0:00:03.00,0:00:04.00,Default,,0,0,0,,{\an7\p1\bord0}m 0 0{\c&H0&} l 1 0{\p0\b1}Bye.",
         said("Hello, there friend", "Bye."), "ass"),
    Case("ASS without styles", "[Events]\nDialogue: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,Hello, there.\n",
         said("Hello, there."), "ass", (1.0,)),
    *(Case(f"TTML at {written}",
           TTML.replace("<tt ", f"<tt {rate} ").format(f'<p begin="{written}" end="9s">Hello.</p>'),
           said("Hello."), "ttml", (start,))
      for written, rate, start in (
          ("00:00:02:15", "", 2.5),
          ("00:00:02:05", 'xmlns:ttp="http://www.w3.org/ns/ttml#parameter" ttp:frameRate="25"', 2.2),
          ("75f", 'xmlns:ttp="http://www.w3.org/ns/ttml#parameter" ttp:frameRate="25"', 3.0),
          ("4500t", 'xmlns:ttp="http://www.w3.org/ns/ttml#parameter" ttp:tickRate="1000"', 4.5),
      )),
    *(Case(f"TTML that lasts {written}", TTML.format(f'<p begin="1s" dur="{written}">Hello.</p>'),
           said("Hello."), "ttml", (1.0,))
      for written in ("2s", "60f")),
    # Damaged lines of times.
    *(Case(f"times as {line}", f"1\n00:00:01,000 --> 00:00:02,000\nOne.\n\n2\n{line}\nTwo.\n\n"
           "3\n00:00:06,000 --> 00:00:07,000\nThree.\n",
           said("One.", "Two.", "Three."), "srt", (1.0, start, 6.0), "are damaged")
      for line, start in (
          ("00:00:0 4,000 --> 00:00:05,000", 4.0),
          ("00;00;04,000 --> 00;00;05,000", 4.0),
          ("00:00:04,000 → 00:00:05,000", 4.0),
          ("00:00:04,000 ==> 00:00:05,000", 4.0),
          ("00:00:04,000 --&gt; 00:00:05,000", 4.0),
          ("OO:00:04,000 --> 00:00:05,000", 4.0),
          ("00:00:04,000 --> ", 4.0),
          ("00:00:04,000 -->", 4.0),
          ("00:00:04,000 --> 00:00:", 4.0),
          ("--> 00:00:05,000", 2.0),
          ("00:00::04,000 --> 00:00:05,000 X1:40", 2.0),
      )),
    Case("the last end is missing", "1\n00:00:01,000 --> \nHello.", said("Hello."), starts=(1.0,), note="are damaged"),
    Case("an arrow that is said", srt("Go from A → B at 10:30."), said("Go from A → B at 10:30.")),
    *(Case(f"times as {line}", f"1\n{line}\nTwo.\n", said("Two."), "srt", (4.0,), "are damaged")
      for line in ("00:00:04,000 --> 00:00:05werwer,580", "00:00:04,000 --> 00:00:05,0x", "0:00:04 --> 0:00:05?")),
    Case("times with many decimals",
         "1\n00:00:01,249.0999999999999 --> 00:00:02,251.79999999999995\nOne.\n\n"
         "2\n00:00:03.24909999999999 --> 00:00:04.2517999999999995\nTwo.\n",
         said("One.", "Two."), "srt", (1.249, 3.2490999)),
    # Words before a colon that name nobody, and names that look odd.
    *(Case(f"said: {text}", srt(text), said(text))
      for text in ("HELP! - NO: STOP", "AT 5 P.M.: WE GO", "WARNING: do not enter.", "NOTE: bring 5 dollars",
                   "CAUTION: wet floor.", "ATTENTION: all staff.", "REMEMBER: no one knows.", "IN 1984: war.",
                   "WHAT? ME: no.", "BREAKING NEWS: a storm.", "ROOM 5 B: empty.")),
    *(Case(f"said by {name}", srt(f"{name}: Come in."), said("Come in.", speaker=name))
      for name in ("MAN #2", "2ND MAN", "R2-D2", "JEAN-LUC", "MR. & MRS. HALE", "O'NEILL", "OFFICER 12", "ÉMILE")),
    Case("a warning after a change", srt(">> Warning: stay out."), said("Warning: stay out.")),
    # Encodings of short texts.
    *(Case(f"{text} in {encoding}", srt(text).encode(encoding), said(text), note=f"{shown}, which is a guess")
      for text, encoding, shown in (
          ("你好。", "gbk", "GB18030"),
          ("我们明天见。", "gbk", "GB18030"),
          ("快跑！", "gbk", "GB18030"),
          ("這是什麼？", "big5", "Big5"),
          ("감사합니다.", "cp949", "CP949"),
          ("これは何ですか。", "cp932", "CP932"),
          ("안녕하세요. 오늘은 날씨가 좋네요.", "cp949", "CP949"),
          ("Zażółć gęślą jaźń, proszę.", "iso8859_2", "ISO-8859-2"),
          ("Merhaba, nasılsın?", "cp1254", "Windows-1254"),
          ("Güneş doğdu, kuşlar ötüyor.", "cp1254", "Windows-1254"),
          ("אני בסדר, תודה רבה.", "cp1255", "Windows-1255"),
          ("Je ne sais pas, c'était très étrange.", "cp437", "cp437"),
          ("Schöne Grüße aus München!", "cp850", "cp437"),  # Both have these letters in the same places.
          ("¿Dónde está el niño pequeño?", "cp850", "cp437"),
          ("Où êtes-vous allé hier soir?", "mac_roman", "MacRoman"),
          ("Können wir später darüber reden?", "mac_roman", "MacRoman"),
          ("오늘은 날씨가 좋네요.", "johab", "Johab"),
          ("Cześć, jak się masz?", "cp1250", "Windows-1250"),
          ("Nie wiem, co powiedzieć.", "cp1250", "Windows-1250"),
          ("Dobrý den, jak se máte?", "cp1250", "Windows-1252"),  # As before.
          ("Gdzie jest twój brat?", "cp852", "cp852"),
          ("Hol van a testvéred?", "cp1250", "Windows-1252"),  # Its letters stand in the same places in both.
          ("Jeg må gå hjem nå.", "cp1252", "Windows-1252"),
          ("Mañana será otro día.", "cp1252", "Windows-1252"),
          ("我不知道该说什么。", "hz", "HZ-GB-2312"),
          ("お元気ですか。", "iso2022_jp", "ISO-2022-JP"),
          ("안녕하세요, 만나서 반갑습니다.", "iso2022_kr", "ISO-2022-KR"),
          ("Où êtes-vous, c'était l'été.", "utf_7", "utf-7"),
      )),
    Case("plus signs and hyphens in ASCII", srt("A+BCD-E is 1+2-3 ~{ [ok"), said("A+BCD-E is 1+2-3 ~{ [ok")),
    # Files that are damaged.
    Case("a letter of Windows-1252 in UTF-8",
         srt("Un café noir, déjà.").encode() + b"\n" + srt("Très bien.", first=9).encode("cp1252"),
         said("Un café noir, déjà.", "Très bien."), note="1 byte that is no UTF-8"),
    Case("one letter of each", srt("Voilà.").encode() + b"\n" + srt("L’hôtel.", first=9).encode("cp1252"),
         said("Voilà.", "L’hôtel."), note="2 bytes that are no UTF-8"),
    Case("zeros at the end", srt("Hello.").encode() + bytes(4096), said("Hello."), note="ends in 4096 zeros"),
    Case("zeros at the end of UTF-16", srt("Héllo.").encode("utf-16") + bytes(511), said("Héllo."), note="zeros"),
    Case("zeros at the end of UTF-16 without a mark", srt("Hello.").encode("utf-16-le") + bytes(512), said("Hello."),
         note="zeros"),
    Case("zeros at the end of Windows-1252", srt("L’hôtel est là-bas, très loin.").encode("cp1252") + bytes(64),
         said("L’hôtel est là-bas, très loin."),
         note="Windows-1252"),
    Case("zeros within",
         srt("Hello.").encode() + bytes(32) + b"\n" + srt("Bye.", first=9).encode(), said("Hello.", "Bye."),
         note="holds 32 zeros"),
    Case("the end mark of DOS", srt("Hello.").encode() + b"\x1a", said("Hello.")),
    *(Case(f"cut after {after!r}", srt("Hello.", "Bye.").partition("2\n")[0] + after, said("Hello."),
           note="seems to be cut short")
      for after in ("2", "2\n0", "2\n00:00:", "2\n00:00:03,0", "2\n00:00:03,000 -", "2\n00:00:03,000 -->",
                    "2\n00:00:03,000 --> 00:00", "2\n00:00:03,000 --> 00:00:04,000")),
    Case("WebVTT that is cut", vtt("Hello.") + "\n00:00:0", said("Hello."), "vtt", note="seems to be cut short"),
    Case("words that are cut", srt("One.", "Two.", "Three.", "Four and no").rstrip(),
         said("One.", "Two.", "Three.", "Four and no"), note="seems to be cut short"),
    Case("a letter that is cut", srt("One.", "Très bièn").rstrip().encode()[:-2], said("One.", "Très bi\ufffd"),
         note="seems to be cut short"),
    Case("a time that is said", srt("When?", "\n10:30"), said("When?", "10:30")),
    # Tags of our own.
    Case("our tags", srt("[Anna, angry] Get out!", "Now.", "[neutral] Thanks."),
         (("Get out!", "Anna", "angry"), ("Now.", "Anna", "angry"), ("Thanks.", None, "neutral"))),
    Case("our voices", srt("[smallgirl, happy] Hi.", "[speaker 2] Hello."),
         (("Hi.", "smallgirl", "happy"), ("Hello.", "speaker 2", ""))),
    Case("our moods", srt("[youngman, nervous] Hi.", "[ANNA, wistful] Hello."),
         (("Hi.", "youngman", "nervous"), ("Hello.", "ANNA", "wistful"))),
    Case("our tag and a sound", srt("[Anna, sad] [sobs] I know."), said("I know.", speaker="Anna", emotion="sad")),
    Case("no cue ends after a title", srt("It was Mr.", "Hale.", gap=0), said("It was Mr. Hale.")),
)  # fmt: skip
