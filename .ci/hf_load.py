#!/usr/bin/env python3
"""Load folders written by package sink with Hugging Face datasets.

Checks for each folder that every file has the size and the SHA-256 of its
manifest.json, that datasets loads the shards with as many rows as the manifest
says, and that all folders hold the same columns that forms share (messages, or
text) row by row. Exits with 1 otherwise.

    pip install datasets==5.2.0 zstandard
    python .ci/hf_load.py out-jsonl out-parquet
"""

import argparse
import hashlib
import json
import pathlib
import sys
import tempfile

import datasets


def check_files(folder, manifest):
    """Yield what is wrong with the files of a folder."""
    for shard in manifest["shards"]:
        path = folder / shard["name"]
        if not path.exists():
            yield f"{path} is missing"
            continue
        data = path.read_bytes()
        if len(data) != shard["bytes"]:
            yield f"{path} has {len(data)} bytes, the manifest says {shard['bytes']}"
        if hashlib.sha256(data).hexdigest() != shard["sha256"]:
            yield f"{path} has another SHA-256 than the manifest says"


def load(folder, cache):
    """Return the rows of a folder, which its card describes, as one data set."""
    splits = datasets.load_dataset(str(folder.resolve()), cache_dir=cache)
    return datasets.concatenate_datasets(list(splits.values()))


def normal(message):
    """Return a message without its nulls, and with calls as a list.

    Parquet keeps the calls as JSON text, JSON Lines as a list.
    """
    kept = {key: value for key, value in message.items() if value is not None}
    calls = kept.get("tool_calls")
    if isinstance(calls, str):
        kept["tool_calls"] = json.loads(calls)
    if not kept.get("tool_calls"):
        kept.pop("tool_calls", None)
    return kept


def content(row):
    """Return what two formats of one run must have in common in a row."""
    same = {key: row.get(key) for key in ("text", "tools", "extra", "source") if row.get(key) is not None}
    if row.get("messages") is not None:
        same["messages"] = [normal(message) for message in row["messages"]]
    return same


def compare(first, other, names):
    """Yield the first difference between two data sets."""
    if len(first) != len(other):
        yield f"{names[0]} has {len(first)} rows, {names[1]} has {len(other)}"
        return
    for number, (one, two) in enumerate(zip(first, other)):
        if content(one) != content(two):
            yield f"row {number}: {names[0]} and {names[1]} differ:\n  {content(one)}\n  {content(two)}"
            return


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("folders", nargs="+", type=pathlib.Path, help="folders with a manifest.json")
    args = parser.parse_args()
    datasets.disable_progress_bars()
    faults, loaded = [], []
    with tempfile.TemporaryDirectory() as cache:
        for folder in args.folders:
            manifest = json.loads((folder / "manifest.json").read_text())
            faults += check_files(folder, manifest)
            data = load(folder, cache)
            if len(data) != manifest["rows"]:
                faults.append(f"{folder} loads {len(data)} rows, the manifest says {manifest['rows']}")
            print(f"{folder}: {manifest['format']}, {len(manifest['shards'])} shards, {len(data)} rows, {', '.join(data.column_names)}")
            loaded.append(data)
        for folder, data in zip(args.folders[1:], loaded[1:]):
            faults += compare(loaded[0], data, (args.folders[0], folder))
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
