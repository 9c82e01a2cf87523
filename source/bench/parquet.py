#!/usr/bin/env python3
"""Compare reading chat rows from Parquet with pyarrow: to Python objects there, to
records here, each with one thread, in turn.

    pip install pyarrow
    python source/bench/parquet.py [chats.jsonl ...]

Without files it makes chats of several kilobytes. The rows are messages as lists
of structs in row groups of 10,000, compressed with zstd. Times are processor
seconds, the best of five; MB are those of the data in Arrow.
"""

import json
import os
import pathlib
import resource
import subprocess
import sys
import tempfile
import time

import pyarrow as pa
import pyarrow.parquet as pq

ROOT = pathlib.Path(__file__).resolve().parents[2]
ROUNDS = 5
SCHEMA = pa.schema([("messages", pa.list_(pa.struct([("role", pa.string()), ("content", pa.string())]))), ("source", pa.string())])


def made(n):
    """Yield n chats of one to four exchanges."""
    words = "the quick brown fox \"jumps\" over a lazy dog while reading some\nlines of Go code with naïve café words".split(" ")
    for i in range(n):
        turns = []
        for k in range(2 * (1 + i % 4)):
            text = " ".join(words[(i * 31 + j * j * 7 + k) % len(words)] for j in range(60 + (i * 13 + k * 29) % 200))
            turns.append({"role": ("user", "assistant")[k % 2], "content": text})
        yield {"messages": turns, "source": f"set-{i % 7}"}


def chats(paths):
    for path in paths:
        with open(path, encoding="utf-8") as f:
            for line in f:
                row = json.loads(line)
                yield {"messages": [{"role": m["role"], "content": m["content"]} for m in row["messages"]], "source": str(row.get("source", ""))}


def python_objects(path):
    start = time.process_time()
    rows = sum(len(batch.to_pylist()) for batch in pq.ParquetFile(path).iter_batches(1024, use_threads=False))
    return rows, time.process_time() - start


def records(program, path):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([program, "-workers", "1", path], check=True, stderr=subprocess.DEVNULL, env={**os.environ, "GOMAXPROCS": "1"})
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main():
    with tempfile.TemporaryDirectory() as work:
        program, path = f"{work}/convert", f"{work}/chats.parquet"
        subprocess.run(["go", "build", "-o", program, "./examples/convert"], cwd=ROOT, check=True)
        source, size = list(chats(sys.argv[1:]) if sys.argv[1:] else made(60_000)), 0
        with pq.ParquetWriter(path, SCHEMA, compression="zstd") as w:
            for at in range(0, len(source), 10_000):
                table = pa.Table.from_pylist(source[at:at + 10_000], schema=SCHEMA)
                size += table.nbytes
                w.write_table(table)
        theirs, ours = [], []
        for _ in range(ROUNDS):
            theirs.append(python_objects(path)[1])
            ours.append(records(program, path))
        a, b = min(theirs), min(ours)
        mb = size / 1e6
        print(f"{len(source):,} rows, {mb:.0f} MB in Arrow, {os.path.getsize(path) / 1e6:.1f} MB on disk")
        print(f"pyarrow {pa.__version__} to Python objects: {a:.2f} s, {mb / a:.0f} MB/s")
        print(f"datamix to records:          {b:.2f} s, {mb / b:.0f} MB/s, {a / b:.2f} times pyarrow")


if __name__ == "__main__":
    main()
