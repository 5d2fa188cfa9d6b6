"""Web pages and web archives (html, mht): storms of elements, addresses, encodings, letters in letters."""

import base64

from tests.plans.hostile.case import READ, Hostile, hostile
from tests.plans.hostile.words import LAUGHS, PASSWD, entities

ROWS = (("№", "Мероприятие", "Срок", "Ответственные"), ("1", "Семинар", "май 2023", "Школы"))
PLAN = (
    "<p>План на 2023 год</p><table>"
    + "".join("<tr>" + "".join(f"<td>{text}</td>" for text in row) + "</tr>" for row in ROWS)
    + "</table>"
)


def page(before: str = "", head: str = "", doctype: str = "") -> bytes:
    return (
        f'{doctype}<html><head><meta charset="utf-8">{head}</head><body>{before}{PLAN}</body></html>'.encode()
    )


def archive(html: bytes, kind: str = "text/html; charset=utf-8") -> bytes:
    head = f"MIME-Version: 1.0\nContent-Type: {kind}\nContent-Transfer-Encoding: base64\n\n"
    return head.encode() + base64.encodebytes(html)


def letters(depth: int) -> bytes:
    """Put letters into letters."""
    made = b""
    for number in range(depth):
        made += b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (number, number)
    return b"MIME-Version: 1.0\n" + made + archive(page())


def parts(count: int) -> bytes:
    head = b'MIME-Version: 1.0\nContent-Type: multipart/related; boundary="b"\n\n'
    return head + b"--b\nContent-Type: text/plain\n\nx\n" * count + b"--b\n" + archive(page()) + b"\n--b--"


def headers(count: int) -> bytes:
    return b"".join(b"X-%d: a\n" % number for number in range(count)) + archive(page())


def named(charset: str, content: bytes) -> bytes:
    return b"<html><meta charset=" + charset.encode() + b"><body>" + content + b"</body></html>"


CASES: tuple[Hostile, ...] = (
    hostile("100,000 divs deep", "п.html", lambda: page("<div>" * 100_000), READ, "NotAnOrder", "TooLarge"),
    hostile("100,000 fonts deep", "п.html", lambda: page("<font>" * 100_000), READ, "NotAnOrder", "TooLarge"),
    hostile(
        "tables 3,000 deep", "п.html", lambda: page("<table><tr><td>" * 3000), READ, "NotAnOrder", "TooLarge"
    ),
    hostile(
        "a cell over a milliard places",
        "п.html",
        lambda: page("<table><tr><td colspan=1000000000 rowspan=1000000000>x</td></tr></table>"),
        READ,
    ),
    hostile(
        "100,000 rows of 60 columns each",
        "п.html",
        lambda: page("<table>" + "<tr><td colspan=60>x</td></tr>" * 100_000 + "</table>"),
        "TooLarge",
    ),
    hostile(
        "a row of a million cells of html",
        "п.html",
        lambda: page("<table><tr>" + "<td>x" * 1_000_000 + "</table>"),
        READ,
        "TooLarge",
    ),
    hostile(
        "a page that leads elsewhere",
        "п.html",
        lambda: page(
            "<iframe src='file:///etc/passwd'></iframe><object data='file:///etc/passwd'></object>"
            "<img src='http://127.0.0.1:9/x.png'><link rel=stylesheet href='http://127.0.0.1:9/a.css'>",
            "<meta http-equiv=refresh content='0;url=http://127.0.0.1:9/'><base href='file:///etc/'>",
        ),
        READ,
    ),
    hostile(
        "a page that is a program",
        "п.html",
        lambda: b"<html><script>" + b"while(1){}" * 100_000 + b"</script>",
        "NotAnOrder",
    ),
    hostile(
        "programs around the plan",
        "п.html",
        lambda: page(
            "<script>document.write('x')</script><p onclick='alert(1)'>a</p><svg onload=alert(1)>"
            "</svg><!--[if mso]><p>b</p><![endif]-->"
        ),
        READ,
    ),
    hostile(
        "a picture of 8 MB in an address",
        "п.html",
        lambda: page(f"<img src='data:image/png;base64,{'A' * 8_000_000}'>"),
        READ,
    ),
    hostile(
        "F3: XXE of a file in html", "п.html", lambda: page("<p>&f;</p>", doctype=entities(PASSWD)), READ
    ),
    hostile(
        "F3: billion laughs in html", "п.html", lambda: page("<p>&l9;</p>", doctype=entities(LAUGHS)), READ
    ),
    hostile(
        "an encoding that takes for ever",
        "п.html",
        lambda: named("punycode", b"a-" + b"b9" * 1_000_000),
        "NotAnOrder",
        "Unreadable",
    ),
    hostile(
        "an encoding that is a program's",
        "п.html",
        lambda: named("unicode_escape", b"\\N{LATIN SMALL LETTER A}" * 300_000),
        "NotAnOrder",
        "Unreadable",
    ),
    hostile(
        "an encoding that is an archive's",
        "п.html",
        lambda: named("zlib_codec", b"x" * 1000),
        "NotAnOrder",
        "Unreadable",
    ),
    hostile("brackets without end", "п.html", lambda: page("<" * 1_000_000), READ, "NotAnOrder"),
    hostile("ampersands without end", "п.html", lambda: page("&" * 1_000_000), READ, "NotAnOrder"),
    hostile(
        "a list that begins at a milliard",
        "п.html",
        lambda: page("<ol type=i start=999999>" + "<li>x</li>" * 1000 + "</ol>"),
        READ,
    ),
    hostile(
        "comments before the page",
        "п.html",
        lambda: b"<!--" * 500_000 + page(),
        "NotAnOrder",
        "Unreadable",
        "WrongFormat",
        READ,
    ),
    hostile(
        "declarations before the page",
        "п.xml",
        lambda: b"<?x " * 1000 + page(),
        "NotAnOrder",
        "Unreadable",
        "WrongFormat",
        READ,
    ),
    hostile("a clean web archive", "п.mht", lambda: archive(page()), READ),
    hostile("letters 20,000 deep", "п.mht", lambda: letters(20_000), "TooLarge", "Unreadable"),
    hostile("200,000 parts", "п.mht", lambda: parts(200_000), READ, "TooLarge"),
    hostile(
        "300,000 headers", "п.mht", lambda: headers(300_000), READ, "TooLarge", "NotAnOrder", "Unreadable"
    ),
    hostile(
        "a web archive in an encoding that takes for ever",
        "п.mht",
        lambda: archive(b"<p>-" + b"b9" * 1_000_000, "text/html; charset=punycode"),
        "NotAnOrder",
        "Unreadable",
    ),
    hostile(
        "a web archive that is elsewhere",
        "п.mht",
        lambda: archive(b"", "message/external-body; access-type=local-file; name=/etc/passwd"),
        "Unreadable",
    ),
)
