#!/usr/bin/env python3
"""Writes the Parquet files of this folder with pyarrow, and beside each the rows
that a reader must find in it. Needs pyarrow alone: python3 make.py"""

import datetime as dt
import decimal
import json
import os
import uuid

import pyarrow as pa
import pyarrow.parquet as pq

HERE = os.path.dirname(os.path.abspath(__file__))


def write(name, table, rows, **options):
    pq.write_table(table, os.path.join(HERE, name + ".parquet"), store_schema=False, **options)
    with open(os.path.join(HERE, name + ".jsonl"), "w", encoding="utf-8") as f:
        for row in rows:
            f.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n")


def chats(n):
    return [
        {
            "id": i,
            "messages": [
                {"role": "user", "content": f"Question {i}: what is {i} + {i}?\n\"quoted\" \\ Grüße 🙂"},
                {"role": "assistant", "content": f"It is {2 * i}. " + "more words " * (i % 7)},
            ]
            * (i % 3),
            "source": ["forum", "manual"][i % 2],
        }
        for i in range(n)
    ]


MESSAGES = pa.list_(pa.struct([("role", pa.string()), ("content", pa.string())]))
CHAT = pa.schema([("id", pa.int64()), ("messages", MESSAGES), ("source", pa.string())])


def codecs():
    rows = chats(40)
    table = pa.Table.from_pylist(rows, schema=CHAT)
    for codec in ["none", "snappy", "gzip", "zstd", "brotli", "lz4"]:
        for version in ["1.0", "2.0"]:
            for dictionary in [True, False]:
                name = f"chat-{codec}-v{version[0]}-{'dict' if dictionary else 'plain'}"
                write(name, table, [], compression=codec, data_page_version=version, use_dictionary=dictionary,
                      row_group_size=17, data_page_size=512, write_batch_size=5)
                os.remove(os.path.join(HERE, name + ".jsonl"))
    with open(os.path.join(HERE, "chat.jsonl"), "w", encoding="utf-8") as f:
        for row in rows:
            f.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n")


def encodings():
    rows = [{"text": f"line {i} of a text", "n": i * i - 50, "f": i / 8, "b": i % 3 == 0} for i in range(60)]
    table = pa.Table.from_pylist(rows)
    write("encodings", table, rows, use_dictionary=False, data_page_size=256,
          column_encoding={"text": "DELTA_BYTE_ARRAY", "n": "DELTA_BINARY_PACKED", "f": "BYTE_STREAM_SPLIT", "b": "RLE"})
    rows = [{"text": r["text"], "n": r["n"]} for r in rows]
    write("delta-length", pa.Table.from_pylist(rows), rows, use_dictionary=False, column_encoding={
        "text": "DELTA_LENGTH_BYTE_ARRAY", "n": "BYTE_STREAM_SPLIT"})


def types():
    when = dt.datetime(2024, 2, 29, 23, 59, 58, 120000)
    utc = when.replace(tzinfo=dt.timezone.utc)
    u = uuid.UUID("01234567-89ab-cdef-0123-456789abcdef")
    columns = [
        ("bool", pa.bool_(), [True, None], [True, None]),
        ("int8", pa.int8(), [-128, 127], [-128, 127]),
        ("uint8", pa.uint8(), [255, 0], [255, 0]),
        ("int16", pa.int16(), [-32768, None], [-32768, None]),
        ("uint16", pa.uint16(), [65535, 0], [65535, 0]),
        ("int32", pa.int32(), [-2147483648, 7], [-2147483648, 7]),
        ("uint32", pa.uint32(), [4294967295, 7], [4294967295, 7]),
        ("int64", pa.int64(), [9223372036854775807, -9223372036854775808], [9223372036854775807, -9223372036854775808]),
        ("uint64", pa.uint64(), [18446744073709551615, 1], [18446744073709551615, 1]),
        ("float16", pa.float16(), [0.5, -2.0], [0.5, -2.0]),
        ("float32", pa.float32(), [0.1, 16777216.0], [0.1, 16777216.0]),
        ("float64", pa.float64(), [0.1, 1e300], [0.1, 1e300]),
        ("dec_small", pa.decimal128(5, 2), [decimal.Decimal("-1.05"), decimal.Decimal("999.99")], ["-1.05", "999.99"]),
        ("dec_big", pa.decimal128(38, 10), [decimal.Decimal("1234567890123456789012345678.0123456789"), decimal.Decimal("-0.0000000001")],
         ["1234567890123456789012345678.0123456789", "-0.0000000001"]),
        ("dec_whole", pa.decimal128(20, 0), [decimal.Decimal("-12345678901234567890"), decimal.Decimal("0")],
         ["-12345678901234567890", "0"]),
        ("date", pa.date32(), [dt.date(1969, 12, 31), dt.date(2024, 2, 29)], ["1969-12-31", "2024-02-29"]),
        ("time_ms", pa.time32("ms"), [dt.time(1, 2, 3, 4000), dt.time(23, 59, 59)], ["01:02:03.004", "23:59:59"]),
        ("time_us", pa.time64("us"), [dt.time(1, 2, 3, 4), dt.time(0)], ["01:02:03.000004", "00:00:00"]),
        ("time_ns", pa.time64("ns"), [dt.time(1, 2, 3, 4), None], ["01:02:03.000004", None]),
        ("ts_ms", pa.timestamp("ms"), [when, dt.datetime(1969, 12, 31, 23, 59, 59, 999000)], ["2024-02-29T23:59:58.12", "1969-12-31T23:59:59.999"]),
        ("ts_us_utc", pa.timestamp("us", "UTC"), [utc, None], ["2024-02-29T23:59:58.12Z", None]),
        ("ts_ns_zone", pa.timestamp("ns", "Europe/Berlin"), [utc, None], ["2024-02-29T23:59:58.12Z", None]),
        ("text", pa.string(), ["", "tab\t\u0001 Grüße 🙂"], ["", "tab\t\u0001 Grüße 🙂"]),
        ("large", pa.large_string(), ["x" * 300, None], ["x" * 300, None]),
        ("bytes_text", pa.binary(), [b"plain", b""], ["plain", ""]),
        ("bytes", pa.binary(), [b"\xff\x00\x01", None], ["/wAB", None]),
        ("fixed", pa.binary(4), [b"\x80\x81\x82\x83", b"abcd"], ["gIGCgw==", "abcd"]),
        ("uuid", pa.uuid(), [u.bytes, None], [str(u), None]),
        ("json", pa.json_(), ['{"b": [1, 2.50], "a": null}', "3"], [{"b": [1, 2.5], "a": None}, 3]),
        ("nothing", pa.null(), [None, None], [None, None]),
        ("category", pa.dictionary(pa.int8(), pa.string()), ["a", "b"], ["a", "b"]),
        ("view", pa.string_view(), ["seen", None], ["seen", None]),
    ]
    table = pa.table([pa.array(values, type=t) if not isinstance(t, (pa.UuidType, pa.JsonType))
                      else pa.ExtensionArray.from_storage(t, pa.array(values, type=t.storage_type)) for _, t, values, _ in columns],
                     names=[c[0] for c in columns])
    rows = [{name: want[i] for name, _, _, want in columns} for i in range(2)]
    write("types", table, rows)
    # Decimals are numbers, with every digit; 2.50 and 1e+300 are spelt as the reader spells them.
    path = os.path.join(HERE, "types.jsonl")
    with open(path, encoding="utf-8") as f:
        text = f.read()
    for name, _, _, want in columns:
        if name.startswith("dec_"):
            for w in want:
                text = text.replace(f'"{name}":"{w}"', f'"{name}":{w}')
    with open(path, "w", encoding="utf-8") as f:
        f.write(text.replace('"b":[1,2.5]', '"b":[1,2.50]'))
    old = pa.table({"when": pa.array([when, None], type=pa.timestamp("ns"))})
    write("int96", old, [{"when": "2024-02-29T23:59:58.12"}, {"when": None}], use_deprecated_int96_timestamps=True)


def nested():
    call = pa.struct([("id", pa.string()), ("function", pa.struct([("name", pa.string()), ("arguments", pa.string())]))])
    message = pa.struct([("content", pa.string()), ("role", pa.string()), ("tool_calls", pa.list_(call)), ("train", pa.bool_())])
    schema = pa.schema([
        ("messages", pa.list_(message)),
        ("grid", pa.list_(pa.list_(pa.int32()))),
        ("map", pa.map_(pa.string(), pa.int64())),
        ("numbers", pa.map_(pa.int32(), pa.list_(pa.string()))),
        ("deep", pa.struct([("a", pa.struct([("b", pa.struct([("c", pa.list_(pa.struct([("d", pa.string())])))]))]))])),
        ("fixed", pa.list_(pa.float32(), 2)),
        ("large", pa.large_list(pa.string())),
    ])
    tool = {"id": "c1", "function": {"name": "add", "arguments": "{\"a\": 9007199254740993}"}}
    rows = [
        {"messages": [{"content": "Add them.", "role": "user", "tool_calls": None, "train": None},
                      {"content": None, "role": "assistant", "tool_calls": [tool, tool], "train": True},
                      {"content": "", "role": "assistant", "tool_calls": [], "train": False}],
         "grid": [[1, 2], [], None, [3, None]], "map": [("x", 1), ("y", None)], "numbers": [(1, ["a", None]), (-2, [])],
         "deep": {"a": {"b": {"c": [{"d": "e"}, None, {"d": None}]}}}, "fixed": [0.5, 1.5], "large": ["p", "q"]},
        {"messages": [], "grid": [], "map": [], "numbers": None, "deep": {"a": None}, "fixed": None, "large": []},
        {"messages": None, "grid": None, "map": None, "numbers": [(3, None)], "deep": None, "fixed": [2, 3], "large": None},
        {"messages": [None], "grid": [None], "map": [("", 0)], "numbers": [], "deep": {"a": {"b": {"c": []}}}, "fixed": [0, 0], "large": [None]},
    ]
    want = [
        {"messages": [{"content": "Add them.", "role": "user"}, {"role": "assistant", "tool_calls": [tool, tool], "train": True},
                      {"content": "", "role": "assistant", "tool_calls": [], "train": False}],
         "grid": [[1, 2], [], None, [3, None]], "map": {"x": 1, "y": None}, "numbers": {"1": ["a", None], "-2": []},
         "deep": {"a": {"b": {"c": [{"d": "e"}, None, {}]}}}, "fixed": [0.5, 1.5], "large": ["p", "q"]},
        {"messages": [], "grid": [], "map": {}, "numbers": None, "deep": {}, "fixed": None, "large": []},
        {"messages": None, "grid": None, "map": None, "numbers": {"3": None}, "deep": None, "fixed": [2.0, 3.0], "large": None},
        {"messages": [None], "grid": [None], "map": {"": 0}, "numbers": {}, "deep": {"a": {"b": {"c": []}}}, "fixed": [0.0, 0.0], "large": [None]},
    ]
    table = pa.Table.from_pylist(rows, schema=schema)
    write("nested", table, want)
    write("nested-legacy", table, want, use_compliant_nested_type=False, version="1.0", row_group_size=1)
    write("empty", table.slice(0, 0), [])


def bad_values():
    table = pa.table({
        "x": pa.array([1.0, float("nan"), 2.0, float("inf"), 3.0]),
        # Arrow strings that are not UTF-8: bytes taken for text.
        "text": pa.Array.from_buffers(pa.string(), 5, pa.array([b"a", b"b", b"\xff", b"d", b"e"]).buffers()),
    })
    write("bad-values", table, [{"x": 1.0, "text": "a"}, {"x": None, "text": "b"}, {"x": None, "text": "d"}, {"x": 3.0, "text": "e"}])


for make in [codecs, encodings, types, nested, bad_values]:
    make()
