"""Writes classes.bin, the character classes of all code points.

    pip install unicodedata2==16.0.0
    python generate.py classes.bin

The general categories are those of the unicodedata2 package from PyPI, whose version is that of the Unicode
Character Database it was built from; the script refuses any other version than the one that ucd.go names.
White_Space is a list of its own (PropList.txt; unchanged since Unicode 6.3). The file is a two-stage table: 4352
page numbers (one byte each, page = code point >> 8), then the pages, 256 classes each.
"""
import sys

import unicodedata2

VERSION = "16.0.0"
WHITE_SPACE = {*range(0x09, 0x0E), 0x20, 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F, 0x205F, 0x3000}
OTHER, PUNCT, UPPER, LOWER, LETTER, MARK, NUMBER, SPACE = range(8)
CLASS = {"Lu": UPPER, "Lt": UPPER, "Ll": LOWER, "Lm": LETTER, "Lo": LETTER}
GROUP = {"M": MARK, "N": NUMBER, "P": PUNCT, "S": PUNCT}


def class_of(c):
    if c in WHITE_SPACE:
        return SPACE
    category = unicodedata2.category(chr(c))
    return CLASS.get(category, GROUP.get(category[0], OTHER))


def main(out):
    assert unicodedata2.unidata_version == VERSION, unicodedata2.unidata_version
    pages, index = {}, bytearray()
    for page in range(0x1100):
        content = bytes(class_of(page << 8 | i) for i in range(256))
        index.append(pages.setdefault(content, len(pages)))
    with open(out, "wb") as f:
        f.write(bytes(index) + b"".join(pages))
    print(len(pages), "pages")


if __name__ == "__main__":
    main(*sys.argv[1:])
