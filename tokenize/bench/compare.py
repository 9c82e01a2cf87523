"""Counts the same records with gigatoken, tiktoken, tokenizers and this package, in turn, on one core.

    pip install gigatoken==0.10.0 tiktoken==0.14.0 tokenizers==0.23.3
    python compare.py SHARED [--tokenizer llama3.1/tokenizer.json] [--rounds 3]

SHARED is the folder with data/ and tokenizers/. The records are those of BenchmarkCount: English, code and multilingual
texts of at least 64 bytes, shuffled. States: warm (texts seen before), cold (first pass of a new tokenizer), unseen (the
second half of the texts after the first). Every round runs all programs one after the other; printed is the median of
the rounds in MB/s and the ratio of this package to each of the others. The Go program count/ does our part; `go` must be on the path.
"""
import argparse
import glob
import json
import os
import random
import statistics
import struct
import subprocess
import sys
import tempfile
import time

os.environ["TOKENIZERS_PARALLELISM"] = "false"
os.environ["RAYON_NUM_THREADS"] = "1"
HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(HERE, "..", "testdata"))
import gigatoken  # noqa: E402
from tokenizers import Tokenizer  # noqa: E402

from parity import texts  # noqa: E402

KINDS = {
    "english": ["alpaca-eval/*", "alpaca-demo/*_en_*", "c4-demo/*", "gsm8k/train.jsonl", "stanford-alpaca/*.json", "dialogsum/*.jsonl", "wiki-demo/*"],
    "code": ["code-alpaca/*", "gpteacher-codegen/*", "mbpp/*", "octopack-oasst-commit/*manual*"],
    "multi": ["alpaca-demo/*_zh_*", "mgsm/mgsm_??.tsv", "dolma-cc-sample/*", "tulu3-sample/*", "octopack-oasst-commit/*ft.jsonl"],
}


def records(data, kind):
    out = []
    for path in sorted({p for pattern in KINDS[kind] for p in glob.glob(os.path.join(data, pattern))}):
        for text in texts(path, 4 << 20):
            raw = text.encode()
            if len(raw) >= 64 and (kind != "multi" or sum(b >> 7 for b in raw) * 5 >= len(raw)):
                out.append(text)
    random.Random(1).shuffle(out)
    return out


def rate(count, batch):
    start = time.process_time()
    count(batch)
    return sum(len(t.encode()) for t in batch) / 1e6 / (time.process_time() - start)


def states(new, batch):
    half = len(batch) // 2
    count = new()
    cold = rate(count, batch)
    warm = rate(count, batch)
    count = new()
    count(batch[:half])
    return {"warm": warm, "cold": cold, "unseen": rate(count, batch[half:])}


def by_giga(path):
    def new():
        tokenizer = gigatoken.Tokenizer(path)
        tokenizer.encode_batch(["a"], parallel=False)

        def count(batch):
            for i in range(0, len(batch), 2000):
                tokenizer.encode_batch(batch[i:i + 2000], parallel=False)
        return count
    return new


def by_hf(path):
    def new():
        tokenizer = Tokenizer.from_file(path)

        def count(batch):
            for i in range(0, len(batch), 2000):
                tokenizer.encode_batch_fast(batch[i:i + 2000], add_special_tokens=False)
        return count
    return new


def by_tiktoken(path):
    import tiktoken
    with open(path) as f:
        file = json.load(f)
    alphabet = {chr(c): c for c in [*range(33, 127), *range(161, 173), *range(174, 256)]}
    alphabet |= {chr(256 + i): b for i, b in enumerate(b for b in range(256) if b not in alphabet.values())}
    ranks = {bytes(alphabet[c] for c in token): i for token, i in file["model"]["vocab"].items() if all(c in alphabet for c in token)}
    pattern = next((s["pattern"]["Regex"] for s in file["pre_tokenizer"].get("pretokenizers", []) if "pattern" in s), None)
    encoding = tiktoken.Encoding("compared", pat_str=pattern, mergeable_ranks=ranks, special_tokens={})

    def new():
        def count(batch):
            for text in batch:
                encoding.encode_ordinary(text)
        return count
    return new


def by_us(program, path, batch):
    with tempfile.NamedTemporaryFile(delete=False) as f:
        for text in batch:
            raw = text.encode()
            f.write(struct.pack("<I", len(raw)) + raw)
    try:
        return json.loads(subprocess.run([program, path, f.name], check=True, capture_output=True, text=True).stdout)
    finally:
        os.unlink(f.name)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("shared")
    arguments.add_argument("--tokenizer", default="llama3.1/tokenizer.json")
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--only", default="gigatoken,tiktoken,tokenizers", help="the others to run")
    arguments.add_argument("--tags", default="", help="build tags of our program, such as purego")
    a = arguments.parse_args()
    path = os.path.join(a.shared, "tokenizers", a.tokenizer)
    others = {"gigatoken": by_giga, "tiktoken": by_tiktoken, "tokenizers": by_hf}
    others = {name: others[name](path) for name in a.only.split(",")}
    with tempfile.TemporaryDirectory() as folder:
        program = os.path.join(folder, "count")
        subprocess.run(["go", "build", "-tags", a.tags, "-o", program, "./count"], cwd=HERE, check=True)
        for kind in KINDS:
            batch = records(os.path.join(a.shared, "data"), kind)
            got = {}
            for _ in range(a.rounds):
                rounds = {"datamix": by_us(program, path, batch)} | {name: states(new, batch) for name, new in others.items()}
                for name, result in rounds.items():
                    for state, mb in result.items():
                        got.setdefault((state, name), []).append(mb)
            size = sum(len(t.encode()) for t in batch)
            print(f"{kind}: {len(batch)} records, {size / 1e6:.1f} MB")
            print(f"  two workers {statistics.median(got['scaling', 'datamix']):.2f}x one")
            for state in ("warm", "cold", "unseen"):
                ours = statistics.median(got[state, "datamix"])
                line = "".join(f"   {name} {statistics.median(got[state, name]):6.1f} ({ours / statistics.median(got[state, name]):.2f}x)" for name in others)
                print(f"  {state:<7} datamix {ours:6.1f} MB/s{line}", flush=True)


if __name__ == "__main__":
    main()
