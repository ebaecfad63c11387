"""Signs messages with dkimpy; for dkim.bats.

    dkimpy_sign.py FOLDER RSA-PRIVATE RSA-RECORD ED25519-PRIVATE ED25519-RECORD

Writes each message, and what became of it on its way, to FOLDER/NAME.eml, and prints "pass NAME" or "fail NAME": what a
verifier must say. dkimpy itself is asked first, and where it does not agree the program ends with an error.
"""
import sys

import dkim

FROM = b"From: Alice <alice@example.test>\r\nTo: bob@example.net\r\nSubject: Hello there\r\n"
REST = b"Date: Fri, 11 Jul 2003 21:00:37 -0700\r\nMessage-ID: <1@example.test>\r\n\r\n"
HEAD = FROM + REST

# Name: message, further arguments of dkim.sign.
SHAPES = {
    "plain": (HEAD + b"Hello\r\nthere.\r\n", {}),
    "empty": (HEAD, {}),
    "only-empty-lines": (HEAD + b"\r\n\r\n\r\n", {}),
    "ends-in-empty-lines": (HEAD + b"Hello\r\n\r\n \t\r\n\r\n\r\n", {}),
    "blanks": (HEAD + b" indented\r\na  b\t \tc \r\n\t\r\n \r\nend\t\r\n", {}),
    "dots": (HEAD + b".\r\n..\r\n.\r\n\r\n.end\r\n", {}),
    "octets": (HEAD + bytes(range(128, 256)) + b"\r\n\x01\x0b\x0c\x7f\r\n", {}),
    "long-lines": (
        FROM + b"X-Long: " + b"\r\n ".join([b"x" * 900] * 5) + b"\r\n" + REST
        + b"y" * 100000 + b"\r\n" + b"z " * 5000 + b"\r\n", {}),
    "folded": (
        b"From:\r\n\t Alice\r\n  <alice@example.test>\r\nSUBJECT: \t a  b\r\n\tc \t\r\nto:bob@example.net\r\n"
        b"X-Empty:\r\nX-Blank: \r\n" + REST + b"Hello\r\n",
        {"include_headers": [b"from", b"SUBJECT", b"To", b"x-empty", b"X-Blank", b"Date"]}),
    "repeated": (
        b"X-Trace: one\r\nX-Trace: two\r\nX-Trace: three\r\n" + HEAD + b"Hello\r\n",
        {"include_headers": [b"x-trace", b"from", b"x-trace", b"subject"]}),
    "oversigned": (
        HEAD + b"Hello\r\n",
        {"include_headers": [b"from", b"from", b"subject", b"subject", b"reply-to", b"cc"]}),
    "octets-in-header": (
        b"X-Name: J\xfcrgen \xff\xfe ;=:\r\n" + HEAD + b"Hello\r\n",
        {"include_headers": [b"x-name", b"from"]}),
    "length": (HEAD + b"Hello\r\nthere.\r\n", {"length": True}),
    "length-of-nothing": (HEAD, {"length": True}),
    "identity": (HEAD + b"Hello\r\n", {"identity": b"alice@news.example.test"}),
}

FORMS = (b"simple", b"relaxed")


def altered(message, shape, header_form, body_form):
    """What happens on the way: name, message, does it still verify."""
    signature, text = message.split(b"\r\nMessage-ID:", 1)
    text = b"\r\nMessage-ID:" + text
    # A body of nothing is an empty line in the simple form: two octets, which new text does not begin with.
    may_begin = shape == "length-of-nothing" and body_form == b"relaxed"
    may_go_on = shape == "length" or may_begin
    yield "as-it-was", message, True
    yield "subject", message.replace(b"ubject: ", b"ubject: Re:", 1).replace(b"UBJECT: ", b"UBJECT: Re:", 1), \
        shape == "octets-in-header"
    yield "from", message.replace(b"<alice@", b"<mallory@", 1), False
    yield "first-line", signature + text.replace(b"\r\n\r\n", b"\r\n\r\nBuy!\r\n", 1), may_begin
    yield "last-line", message + b"Buy!\r\n", may_go_on
    yield "empty-lines", message + b"\r\n\r\n", True
    yield "blanks", message.replace(b"alice@example.test>\r\n", b"alice@example.test> \t\r\n", 1), \
        header_form == b"relaxed"
    if shape == "plain":
        yield "blanks-in-body", message.replace(b"there.\r\n", b"there. \r\n"), body_form == b"relaxed"
        yield "case-of-name", message.replace(b"\r\nSubject:", b"\r\nsubject:"), header_form == b"relaxed"
        # dkimpy signs From once more than it occurs, by default.
        yield "added-from", b"From: mallory@example.test\r\n" + message, False
    if shape == "oversigned":
        yield "added-from", b"From: mallory@example.test\r\n" + message, False
        yield "added-cc", b"Cc: all@example.test\r\n" + message, False
    if shape == "repeated":
        yield "added-trace", b"X-Trace: four\r\n" + message, True
        yield "lost-trace", message.replace(b"X-Trace: three\r\n", b""), False


def main():
    folder, rsa_private, rsa_record, ed25519_private, ed25519_record = sys.argv[1:]
    keys = {
        b"rsa-sha256": (b"py-rsa", rsa_private, rsa_record),
        b"ed25519-sha256": (b"py-ed25519", ed25519_private, ed25519_record),
    }
    for algorithm, (selector, private_file, record_file) in keys.items():
        with open(private_file, "rb") as file:
            private = file.read()
        with open(record_file, "rb") as file:
            record = file.read()
        for shape, (message, arguments) in SHAPES.items():
            for header_form in FORMS:
                for body_form in FORMS:
                    signature = dkim.sign(
                        message, selector, b"example.test", private,
                        canonicalize=(header_form, body_form), signature_algorithm=algorithm, **arguments)
                    for change, text, passes in altered(signature + message, shape, header_form, body_form):
                        if algorithm != b"rsa-sha256" and change not in ("as-it-was", "from", "last-line"):
                            continue
                        name = "-".join([
                            selector.decode(), shape, header_form.decode(), body_form.decode(), change])
                        if dkim.verify(text, dnsfunc=lambda name, timeout=5: record) != passes:
                            sys.exit("dkimpy does not say %s of %s" % ("pass" if passes else "fail", name))
                        with open("%s/%s.eml" % (folder, name), "wb") as file:
                            file.write(text)
                        print("pass" if passes else "fail", name)


main()
