"""Writes forms.json, small tokenizers of all forms that tokenizer.json files have, and forms.tsv, what Hugging Face's
tokenizers makes of random texts with each.

    pip install tokenizers==0.23.3 sentencepiece protobuf
    python forms.py forms.json forms.tsv

forms.json holds a few trained vocabularies (bases) and forms: a base, and the members of a tokenizer.json that a form
sets (those of "model" one by one). Lines of forms.tsv: form, "text" or "special" (added tokens parsed, the template's
tokens added), number of texts, number of tokens, the hash of all ids as parity.py makes it; or form, "error".
"""
import base64
import io
import json
import os
import sys
import tempfile

import sentencepiece
from sentencepiece import sentencepiece_model_pb2

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

from parity import ALPHABET, digest, random_texts

TEXT = """
The river runs past the old mill, and the miller's daughter counts the boats: one, two, three, 10, 11, 12 and 2024 more.
She didn't say they'd come back; "We'll see," she said, "what the water brings." It's late, isn't it? I've waited, you're here.
def count(items, limit=100):\n    total = 0\n    for item in items:\n        if total >= limit:\n            return -1\n        total += item.size\n    return total\n
{"name": "mill", "size": 3.14159, "tags": ["water", "wheel"], "open": true}\n\n\n\t\tif (x == y && z != 0) { return x_1 + y_2; } // ---- ====\n
Der Fluss fließt an der alten Mühle vorbei, und die Größe der Boote zählt niemand. Zażółć gęślą jaźń. Việc hợp lý là điều tốt.
Река течёт мимо старой мельницы, и дочь мельника считает лодки. Вода приносит новости, а ветер уносит их обратно.
河流经过老磨坊，磨坊主的女儿在数船。一、二、三。水会带来消息，风又把它们带走。川は古い水車小屋のそばを流れ、娘は船を数えている。ありがとう。
강은 오래된 방앗간을 지나 흐르고 딸은 배를 센다. النهر يجري قرب الطاحونة القديمة، والفتاة تعد القوارب. नदी पुरानी चक्की के पास बहती है। 😀😀 🇫🇷 👩‍👩‍👧
HTTPServer getUserName XMLHttpRequest camelCase iPhone McDonald NASA's USA'S THEY'LL don'T. ...   --  ** ??? !!! (a) [b] {c} <d> e@f.gh #tag $5 %d
""" * 3

CL100K = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
POSSESSIVE = r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s"
UPPER, LOWER = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]", r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
SUFFIX = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?"


def cased(suffix, digits, tail, han=""):
    upper, lower = (f"[{c[1:-1]}{han}]" for c in (UPPER, LOWER))
    return (rf"[^\r\n\p{{L}}\p{{N}}]?{upper}*{lower}+{suffix}|[^\r\n\p{{L}}\p{{N}}]?{upper}+{lower}*{suffix}"
            rf"|{digits}| ?[^\s\p{{L}}\p{{N}}]+{tail}|\s*[\r\n]+|\s+(?!\S)|\s+")


def split(pattern, behavior="Isolated", invert=False):
    kind = "Regex" if isinstance(pattern, Regex) or pattern not in (" ", "\u2581", ".", "-") else "String"
    return {"type": "Split", "pattern": {kind: pattern}, "behavior": behavior, "invert": invert}


def byte_level(prefix=False, regex=True):
    return {"type": "ByteLevel", "add_prefix_space": prefix, "trim_offsets": True, "use_regex": regex}


def sequence(*steps, kind="pretokenizers"):
    return {"type": "Sequence", kind: list(steps)}


def normal(*steps):
    return {"normalizer": sequence(*steps, kind="normalizers")}


def cut(*patterns):
    return {"pre_tokenizer": sequence(*[p if isinstance(p, dict) else split(p) for p in patterns], byte_level(False, False))}


def pre(*steps):
    return {"pre_tokenizer": sequence(*steps)}


def metaspace(scheme="always", split=True, **more):
    return {"pre_tokenizer": {"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": scheme, "split": split} | more}


def template(before, after):
    single = [{"SpecialToken": {"id": t, "type_id": 0}} for t in before] + [{"Sequence": {"id": "A", "type_id": 0}}]
    single += [{"SpecialToken": {"id": t, "type_id": 0}} for t in after]
    ids = {"<s>": 5000, "</s>": 5001}
    return {"type": "TemplateProcessing", "single": single, "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 0}}],
            "special_tokens": {t: {"id": t, "ids": [ids[t]], "tokens": [t]} for t in before + after}}


def added(content, number, **flags):
    return {"id": number, "content": content, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": False} | flags


PREPEND, SPACES = {"type": "Prepend", "prepend": "\u2581"}, {"type": "Replace", "pattern": {"String": " "}, "content": "\u2581"}
BOS = [added("<s>", 5000, special=True), added("</s>", 5001, special=True)]
FLAGS = [added("<|l|>", 5002, lstrip=True), added("<|r|>", 5003, rstrip=True), added("<|lr|>", 5004, lstrip=True, rstrip=True, special=True),
         added("the", 5005, single_word=True), added("É", 5006, normalized=True), added("  ", 5007), added("   ", 5008, normalized=True),
         added("e\u0301!", 5009, normalized=True), added("<|l|", 5010), added("ab cd", 5011, normalized=True, rstrip=True)]


RULES = {"\u00a0": " ", "\u3000": " ", "\t": " ", "\r": " ", "\n": " ", "\u200b": "", "e\u0301": "\u00e9", "\ufb01": "fi", "\u00b2": "2", "\u0661": "1", "S": "s", "Ss": "ss",
         "\u1112\u1161": "\ud558", "...": "\u2026", "\u017f": "s", "\u2014": "-", "\u00c5": "A\u030a", "\U0001f1eb": "F"}


def precompiled():
    """A small precompiled_charsmap, of SentencePiece's own making."""
    with tempfile.TemporaryDirectory() as folder:
        rules = os.path.join(folder, "rules.tsv")
        with open(rules, "w") as f:
            f.writelines(" ".join(f"{ord(c):X}" for c in a) + "\t" + " ".join(f"{ord(c):X}" for c in b) + "\n" for a, b in RULES.items())
        out = io.BytesIO()
        sentencepiece.SentencePieceTrainer.train(sentence_iterator=iter(TEXT.split("\n")), model_writer=out, vocab_size=500, model_type="bpe", normalization_rule_tsv=rules,
                                                 character_coverage=0.98, minloglevel=2)
    model = sentencepiece_model_pb2.ModelProto.FromString(out.getvalue())
    return {"type": "Precompiled", "precompiled_charsmap": base64.b64encode(model.normalizer_spec.precompiled_charsmap).decode()}


def bert(clean=True, chinese=True, accents=None, lower=True):
    return {"normalizer": {"type": "BertNormalizer", "clean_text": clean, "handle_chinese_chars": chinese, "strip_accents": accents, "lowercase": lower}}


CLIP = r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"


def by_place():
    """Forms whose tokens are spelled by their place in a word."""
    end, inside = {"end_of_word_suffix": "</w>"}, {"continuing_subword_prefix": "##"}
    words, unknown = {"pre_tokenizer": {"type": "BertPreTokenizer"}}, {"unk_token": "<unk>"}
    clip = normal({"type": "NFC"}, {"type": "Replace", "pattern": {"Regex": r"\s+"}, "content": " "}, {"type": "Lowercase"}) | pre(split(CLIP, "Removed", True), byte_level())
    yield "clip", "byte words", clip | {"model": end | unknown, "added_tokens": BOS, "post_processor": {"type": "RobertaProcessing", "sep": ["</s>", 5001], "cls": ["<s>", 5000]}}
    yield "clip without unknown", "byte words", clip | {"model": end}
    yield "clip, fused", "byte words", clip | {"model": end | unknown | {"fuse_unk": True}}
    yield "gpt 1", "ends", words | bert() | {"model": end | unknown, "decoder": {"type": "BPEDecoder", "suffix": "</w>"}}
    yield "herbert", "ends", words | bert(accents=False, lower=False) | {"model": end | unknown | {"fuse_unk": True}, "added_tokens": BOS + FLAGS}
    yield "ends, nothing unknown", "ends", {"pre_tokenizer": {"type": "Whitespace"}, "model": end}
    yield "ends, nothing cut", "ends", {"model": end | unknown}
    yield "ends, bytes", "ends", words | {"model": end | unknown | {"byte_fallback": True}}
    yield "ends, ignore merges", "ends", words | {"model": end | unknown | {"ignore_merges": True}}
    yield "ends, underlines", "ends", metaspace() | {"model": end | unknown}
    yield "ends, underlines before", "ends", normal(PREPEND, SPACES) | {"model": end | unknown}
    yield "inside", "insides", words | {"model": inside | unknown, "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": True}}
    yield "inside, fused", "insides", {"pre_tokenizer": {"type": "WhitespaceSplit"}, "model": inside | unknown | {"fuse_unk": True}}
    yield "inside, lower case", "insides", words | bert() | {"model": inside}
    yield "inside and ends", "both", words | {"model": inside | end | unknown}


def forms():
    gpt2 = {"pre_tokenizer": byte_level()}
    yield "gpt2", "bytes", gpt2
    yield "prefix space", "bytes", {"pre_tokenizer": byte_level(True)}
    yield "no type", "bytes", gpt2 | {"model": {"type": None}}
    yield "merges as pairs", "bytes", gpt2 | {"model": {"merges": "pairs"}}
    yield "dropout null", "bytes", gpt2 | {"model": {"dropout": None, "continuing_subword_prefix": "", "end_of_word_suffix": ""}}
    yield "dropout 0", "bytes", gpt2 | {"model": {"dropout": 0.0}}
    yield "cl100k", "bytes", cut(CL100K)
    yield "ignore merges", "unreachable", cut(CL100K) | {"model": {"ignore_merges": True}}
    yield "unreachable", "unreachable", cut(CL100K)
    yield "other order", "shuffled", cut(CL100K)
    yield "removed inverted", "bytes", cut(split(CL100K, "Removed", True))
    yield "removed", "bytes", cut(split(r"\s+", "Removed"))
    yield "possessive", "bytes", cut(POSSESSIVE)
    yield "possessive but for braces", "bytes", cut(POSSESSIVE.replace("{1,3}+", "{1,3}").replace(r"\s++$|\s*[\r\n]|\s+(?!\S)|\s", r"\s*[\r\n]+|\s+(?!\S)|\s+"))
    yield "qwen2", "bytes", cut(CL100K.replace("{1,3}", "")) | {"normalizer": {"type": "NFC"}}
    yield "qwen3.5", "bytes", cut(r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+") | {"normalizer": {"type": "NFC"}}
    yield "o200k", "bytes", cut(cased(SUFFIX, r"\p{N}{1,3}", r"[\r\n/]*"))
    yield "o200k, no slash", "bytes", cut(cased(SUFFIX, r"\p{N}{1,3}", r"[\r\n]*"))
    yield "o200k, one digit", "bytes", cut(cased(SUFFIX, r"\p{N}", r"[\r\n/]*"))
    yield "kimi", "bytes", cut(r"[\p{Han}]+|" + cased(SUFFIX, r"\p{N}{1,3}", r"[\r\n]*", r"&&[^\p{Han}]"))
    yield "tekken", "bytes", cut(cased("", r"\p{N}", r"[\r\n/]*"))
    yield "tekken, three digits", "bytes", cut(cased("", r"\p{N}{1,3}", r"[\r\n/]*"))
    yield "cased letters as lookaheads", "bytes", cut(r"[^\r\n\p{L}\p{N}]?((?=[\p{L}])([^a-z]))*((?=[\p{L}])([^A-Z]))+(?:'[sS]|'[tT]|'[rR][eE])?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+")
    yield "one line end", "bytes", cut(r"'(?:[sSdDmMtT]|[lL][lL]|[vV][eE]|[rR][eE])|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+")
    yield "seed coder", "bytes", cut(r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1}| ?[^\s\p{L}\p{N}\r\n]+|\s*[\r\n]+|\s+(?!\S)|\s+")
    yield "superword", "bytes", cut(r"\p{N}{1,3}(?=(?:\p{N}{3})*(?!\p{N}))| ?[^\s\p{N}]+|\s+")
    yield "digits from the right", "bytes", cut(r"\p{N}{1,3}(?=(?:\p{N}{3})*\b)", r" ?[^\s]+|\s+")
    yield "deepseek v3", "bytes", cut(r"\p{N}{1,3}", "[一-龥\u3040-ゟ゠-ヿ]+", "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\r\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\r\n]*|\\s*[\r\n]+|\\s+(?!\\S)|\\s+")
    yield "deepseek llm", "bytes", cut("[\r\n]", "\\s?[A-Za-zµÀ-ÖØ-öø-ƺƼ-ƿǄ-ʓʕ-ʯͰ-ͳͶͷͻ-ͽͿΆΈ-ΊΌΎ-ΡΣ-ϵϷ-ҁҊ-ԯԱ-Ֆ]+", "\\s?[!-/:-~！-／：-～‘-‟　-。]+", "\\s+$", "[一-龥ࠀ-一가-퟿]+", {"type": "Digits", "individual_digits": True})
    yield "deepseek coder", "bytes", cut("[\r\n]", "\\s?\\p{L}+", "\\s?\\p{P}+", "[一-龥ࠀ-一가-퟿]+", {"type": "Digits", "individual_digits": True})
    yield "falcon", "bytes", pre({"type": "Punctuation", "behavior": "Contiguous"}, byte_level(False, True), {"type": "Digits", "individual_digits": False}, split("[0-9][0-9][0-9]"))
    yield "bloom", "bytes", cut(r" ?[^(\s|[.,!?…。，、।۔،])]+")
    yield "smollm", "bytes", pre({"type": "Digits", "individual_digits": True}, byte_level())
    yield "digits together", "bytes", pre({"type": "Digits", "individual_digits": False}, byte_level())
    yield "digits, prefix space", "bytes", pre({"type": "Digits", "individual_digits": True}, byte_level(True))
    yield "digits afterwards", "bytes", pre(byte_level(), {"type": "Digits", "individual_digits": True})
    yield "punctuation", "bytes", pre({"type": "Punctuation", "behavior": "Isolated"}, byte_level())
    yield "whitespace", "bytes", pre({"type": "Whitespace"}, byte_level(False, False))
    yield "whitespace split", "bytes", pre({"type": "WhitespaceSplit"}, byte_level(True, False))
    yield "bert", "bytes", pre({"type": "BertPreTokenizer"}, byte_level(False, False))
    yield "char delimiter", "bytes", pre({"type": "CharDelimiterSplit", "delimiter": "."}, byte_level(False, False))
    yield "fixed length", "bytes", pre({"type": "FixedLength", "length": 3}, byte_level(False, False))
    for behavior in ("Isolated", "Removed", "MergedWithPrevious", "MergedWithNext", "Contiguous"):
        yield f"hyphens {behavior}", "bytes", cut(split("-", behavior), split(".", behavior))
        yield f"words {behavior}, inverted", "bytes", cut(split(r"\w+", behavior, True))
    yield "no pre-tokenizer", "bytes", {"pre_tokenizer": byte_level(False, False)}
    yield "byte level normalizer", "bytes", {"normalizer": {"type": "ByteLevel"}}
    yield "byte level normalizer and a split", "bytes", {"normalizer": {"type": "ByteLevel"}, "pre_tokenizer": split(r"Ġ?[^Ġ]+")}
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        yield form, "bytes", gpt2 | {"normalizer": {"type": form}}
    yield "normalizers", "bytes", gpt2 | normal({"type": "NFD"}, {"type": "StripAccents"}, {"type": "Lowercase"}, {"type": "Strip", "strip_left": True, "strip_right": False},
                                                {"type": "Replace", "pattern": {"Regex": r"\s+"}, "content": " "}, {"type": "Replace", "pattern": {"String": "."}, "content": "!!"})
    for clean in (False, True):
        yield f"bert normalizer, clean {clean}", "bytes", gpt2 | bert(clean=clean)
        yield f"bert normalizer, clean {clean}, cased", "bytes", gpt2 | bert(clean=clean, lower=False)
    yield "bert normalizer, accents", "bytes", gpt2 | bert(chinese=False, accents=False)
    yield "bert normalizer, no accents", "bytes", gpt2 | bert(clean=False, accents=True, lower=False)
    yield "nmt", "bytes", gpt2 | {"normalizer": {"type": "Nmt"}}
    yield "precompiled", "bytes", gpt2 | {"normalizer": precompiled()}
    nllb = normal(precompiled(), {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "})
    yield "nllb", "pieces", nllb | metaspace() | {"model": {"unk_token": "<unk>", "fuse_unk": True}, "added_tokens": BOS + FLAGS}
    yield "nllb, as of late", "pieces", normal(precompiled(), {"type": "Strip", "strip_left": False, "strip_right": True}, {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": "\u2581"}) | metaspace()
    yield "precompiled, spaces", "pieces", normal(precompiled(), PREPEND, SPACES) | {"model": {"byte_fallback": True}}
    yield from by_place()
    yield "strip right", "bytes", gpt2 | normal({"type": "Strip", "strip_left": False, "strip_right": True}, {"type": "Prepend", "prepend": "x"})
    yield "missing bytes", "gaps", gpt2
    yield "missing bytes, cl100k", "gaps", cut(CL100K)
    yield "unknown bytes", "gaps", gpt2 | {"model": {"unk_token": "<unk>"}}
    yield "unknown bytes, fused", "gaps", cut(CL100K) | {"model": {"unk_token": "<unk>", "fuse_unk": True}}
    yield "added tokens", "bytes", gpt2 | {"added_tokens": BOS + FLAGS, "post_processor": template(["<s>"], ["</s>"])}
    yield "added tokens, NFC", "bytes", cut(CL100K) | {"normalizer": {"type": "NFC"}, "added_tokens": BOS + FLAGS, "post_processor": sequence(byte_level(), template(["<s>", "<s>"], []), kind="processors")}
    yield "added tokens, prefix space", "bytes", {"pre_tokenizer": byte_level(True), "added_tokens": BOS + FLAGS,
                                                   "post_processor": {"type": "RobertaProcessing", "sep": ["</s>", 5001], "cls": ["<s>", 5000], "trim_offsets": True, "add_prefix_space": True}}
    yield "bert processing", "bytes", gpt2 | {"added_tokens": BOS, "post_processor": {"type": "BertProcessing", "sep": ["</s>", 5001], "cls": ["<s>", 5000]}}
    spaces = [added(" " * n, 5100 + n, normalized=True) for n in range(2, 25)]
    yield "runs of spaces added", "bytes", gpt2 | {"normalizer": {"type": "NFC"}, "added_tokens": BOS + spaces}

    llama = normal(PREPEND, SPACES) | {"model": {"byte_fallback": True}}
    yield "llama 2", "pieces", llama
    yield "llama 2, added tokens", "pieces", llama | {"added_tokens": BOS + FLAGS, "post_processor": template(["<s>"], [])}
    yield "phi 3", "pieces", llama | {"added_tokens": BOS + [added("<|end|>", 5002, rstrip=True, special=True), added("<|user|>", 5003, rstrip=True)]}
    yield "gemma", "pieces", {"normalizer": SPACES, "pre_tokenizer": split(" ", "MergedWithPrevious"), "model": {"byte_fallback": True, "fuse_unk": True, "unk_token": "<unk>"}, "added_tokens": BOS + FLAGS}
    yield "yi", "pieces", normal(SPACES) | {"model": {"byte_fallback": True}}
    yield "NFKC before spaces", "pieces", normal({"type": "NFKC"}, PREPEND, SPACES) | {"model": {"byte_fallback": True}}
    yield "NFKC after spaces", "pieces", normal(PREPEND, SPACES, {"type": "NFKC"}) | {"model": {"byte_fallback": True}}
    yield "ignore merges, words", "pieces", llama | {"model": {"byte_fallback": True, "ignore_merges": True}}
    for scheme in ("always", "never", "first"):
        for whether in (True, False):
            yield f"metaspace {scheme}, split {whether}", "pieces", metaspace(scheme, whether) | {"model": {"byte_fallback": True}, "added_tokens": BOS + FLAGS}
    old = metaspace()["pre_tokenizer"]
    yield "metaspace of old, prefix", "pieces", {"pre_tokenizer": {k: old[k] for k in ("type", "replacement")} | {"add_prefix_space": True}, "model": {"byte_fallback": True}}
    yield "metaspace of old, no prefix", "pieces", {"pre_tokenizer": {k: old[k] for k in ("type", "replacement")} | {"add_prefix_space": False, "prepend_scheme": "never"}, "model": {"byte_fallback": True}}
    yield "metaspace after a split", "pieces", pre(split(r"\d"), metaspace()["pre_tokenizer"]) | {"model": {"byte_fallback": True}}
    yield "metaspace after white space", "pieces", pre({"type": "WhitespaceSplit"}, metaspace()["pre_tokenizer"]) | {"model": {"byte_fallback": True}}
    yield "metaspace before a split", "pieces", pre(metaspace("first", False)["pre_tokenizer"], split(r"\d")) | {"model": {"byte_fallback": True}}
    for scheme in ("always", "never"):
        yield f"underscores {scheme}", "words", pre({"type": "Metaspace", "replacement": "_", "prepend_scheme": scheme, "split": scheme == "always"}) | {"model": {"unk_token": "<unk>"}}
    yield "metaspace and NFKC", "pieces", metaspace() | {"normalizer": {"type": "NFKC"}, "model": {"byte_fallback": True}}
    yield "metaspace and lower case", "pieces", metaspace() | {"normalizer": {"type": "Lowercase"}, "model": {"byte_fallback": True}}
    yield "spaces in words", "crossing", normal(SPACES) | {"model": {"byte_fallback": True}}
    yield "spaces in words, prefix", "crossing", llama
    yield "no fallback", "pieces", normal(PREPEND, SPACES) | {"model": {"byte_fallback": False}}
    yield "no fallback, unknown", "pieces", normal(PREPEND, SPACES) | {"model": {"byte_fallback": False, "unk_token": "<unk>"}}
    yield "no fallback, fused", "pieces", normal(PREPEND, SPACES) | {"model": {"byte_fallback": False, "unk_token": "<unk>", "fuse_unk": True}}
    yield "some fallback", "pieces", normal(PREPEND, SPACES) | {"model": {"byte_fallback": True, "unk_token": "<unk>", "fuse_unk": False}, "drop": ["<0xE4>", "<0xF0>"]}
    yield "words and unknown", "words", {"pre_tokenizer": {"type": "Whitespace"}, "model": {"unk_token": "<unk>"}}
    yield "words and unknown, fused", "words", {"pre_tokenizer": {"type": "WhitespaceSplit"}, "model": {"unk_token": "<unk>", "fuse_unk": True}, "added_tokens": BOS + FLAGS}
    yield "words of bert", "words", {"pre_tokenizer": {"type": "BertPreTokenizer"}, "normalizer": {"type": "Lowercase"}, "model": {"unk_token": None}}
    yield "words, nothing cut", "words", {"model": {"unk_token": "<unk>"}}
    for pattern in (r"[[:alpha:]]+|[^[:alpha:]]+", r"\b", r"(?i)they|the|ſ+", r"^\s|\s$", r".+?", r"\p{Alphabetic}{2}+", r"[^\S\n]+|\n", r"(?>a+|the)b?", r"[a-z&&[^aeiou]]+", r"\h+|\H",
                    r"\R|\W", r"(?<=\p{Lu})\p{Ll}+", r"\p{^Greek}{,4}", r"[\p{P}\-]+|\x{4e00}-\u9fff|\x41", r"[^\p{Ll}&&\p{L}]+", r"(?m:a.s)|[\]\[-]+|\D+"):
        yield f"regex {pattern}", "bytes", cut(pattern)


def trained(tokenizer, size, alphabet=(), special=("<unk>",), **affixes):
    kind = trainers.BpeTrainer(vocab_size=size, show_progress=False, initial_alphabet=list(alphabet), special_tokens=list(special), limit_alphabet=400, **affixes)
    tokenizer.train_from_iterator([TEXT], kind)
    model = json.loads(tokenizer.to_str())["model"]
    return {"vocab": model["vocab"], "merges": [" ".join(m) for m in model["merges"]]}


def renumbered(base, change):
    tokens = list(base["vocab"])
    order = change(tokens)
    return {"vocab": {t: i for i, t in enumerate(order)}, "merges": base["merges"]}


def bases():
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    t = Tokenizer(models.BPE())
    t.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(CL100K), "isolated"), pre_tokenizers.ByteLevel(False, use_regex=False)])
    plain = trained(t, 900, alphabet)
    out = {"bytes": plain}
    out["shuffled"] = renumbered(plain, lambda tokens: sorted(tokens, key=lambda token: (hash_of(token), token)))
    whole = ["Ġriverrun", "riverboat", "xyz", "ĠMillers", "éé", "123", "Ġ123", "ĊĊĊĊĊĊ", "'daughter"]
    out["unreachable"] = {"vocab": plain["vocab"] | {w: 2000 + i for i, w in enumerate(whole)}, "merges": plain["merges"]}
    lost = {"Ć", "ė", "ò", "ó", "×", "©", "'", "1", "C"} & set(plain["vocab"])
    out["gaps"] = {"vocab": {k: v for k, v in plain["vocab"].items() if not set(k) & lost}, "merges": [m for m in plain["merges"] if not set(m) & lost]}
    fallback = [f"<0x{b:02X}>" for b in range(256)]
    for name, splits in (("pieces", True), ("crossing", False)):
        t = Tokenizer(models.BPE())
        t.pre_tokenizer = pre_tokenizers.Metaspace(split=splits)
        out[name] = trained(t, 1500 if splits else 1300, special=["<unk>", *fallback])
    t = Tokenizer(models.BPE(unk_token="<unk>"))
    t.pre_tokenizer = pre_tokenizers.Whitespace()
    out["words"] = trained(t, 800)
    for name, affixes in (("ends", {"end_of_word_suffix": "</w>"}), ("insides", {"continuing_subword_prefix": "##"}), ("both", {"continuing_subword_prefix": "##", "end_of_word_suffix": "</w>"})):
        out[name] = trained(t, 900, special=["<unk>", *(fallback if name == "ends" else [])], **affixes)
    t = Tokenizer(models.BPE())
    t.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(CLIP), "removed", True), pre_tokenizers.ByteLevel(False)])
    out["byte words"] = trained(t, 1100, alphabet, end_of_word_suffix="</w>")
    return out


def hash_of(token):
    h = 0
    for b in token.encode():
        h = (h * 31 + b) % 65521
    return h


def build(base, members):
    model = {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None, "end_of_word_suffix": None, "fuse_unk": False,
             "byte_fallback": False, "ignore_merges": False} | base | members.get("model", {})
    if model["type"] is None:
        del model["type"]
    if model["merges"] == "pairs":
        model["merges"] = [m.split(" ") for m in base["merges"]]
    for token in members.get("drop", []):
        model["vocab"] = {k: v for k, v in model["vocab"].items() if k != token}
    file = {"version": "1.0", "truncation": None, "padding": None, "added_tokens": [], "normalizer": None, "pre_tokenizer": None, "post_processor": None, "decoder": None}
    return file | {k: v for k, v in members.items() if k not in ("model", "drop")} | {"model": model}


def main(out_forms, out_lines):
    vocabularies = bases()
    words = sorted({w for w in TEXT.split(" ")}) + ["<s>", "</s>", "<|l|>", "<|r|>", "<|lr|>", "<|l|", "<|end|>", "<|user|>", "<unk>", "É", "e\u0301!", "    ", "riverrun", " riverrun", "xyz", "éé"]
    alphabet = ALPHABET + words
    listed, lines = [], []
    for name, base, members in forms():
        listed.append({"name": name, "base": base, "set": members})
        try:
            tokenizer = Tokenizer.from_str(json.dumps(build(vocabularies[base], members)))
        except Exception as e:  # the message is for whoever runs this
            print(name, e)
            lines.append((name, "error"))
            continue
        for what in ("text", "special"):
            tokenizer.encode_special_tokens = what == "text"
            texts = list(random_texts(1500, alphabet))
            ids = [tokenizer.encode(t, add_special_tokens=what == "special").ids for t in texts]
            lines.append((name, what, len(texts), *digest(ids)))
    with open(out_forms, "w") as f:
        json.dump({"alphabet": alphabet, "bases": vocabularies, "forms": listed}, f, ensure_ascii=False, separators=(",", ":"))
    with open(out_lines, "w") as f:
        for line in lines:
            print(*line, sep="\t", file=f)


if __name__ == "__main__":
    main(*sys.argv[1:])
