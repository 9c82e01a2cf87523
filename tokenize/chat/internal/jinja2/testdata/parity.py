"""Renders chat templates as Python's transformers library does, and prints what
this package is held against: for every template and chat the SHA-256 of the text,
the spans of {% generation %} blocks in bytes, or "!" where Python raises.

    pip install transformers jinja2        # 5.24.0 and 3.1.6 made parity.tsv
    python parity.py chats > chats.jsonl
    python parity.py templates chats.jsonl > parity.tsv

The first argument of the second form is any folder of .jinja files: with
DATAMIX_TEMPLATES naming the same folder and DATAMIX_PARITY the output, the test
TestParityElsewhere compares templates that are not part of this repository.
"""
import hashlib
import json
import pathlib
import random
import sys
from datetime import datetime

WORDS = ["Hello", "the", "answer", "is", "42", "naïve", "日本語", "\n", "\n\n", "  ", "<b>&amp;</b>", "'quoted'", '"double"',
         "{{ no }}", "{% raw %}", "tab\there", "emoji 😀", "\u00a0", "back\\slash", "</think>", "<think>", "end.", "1.5", "#"]


def text(rng):
    return rng.choice(["", " ", "\n"]) * rng.randint(0, 1) + " ".join(rng.choice(WORDS) for _ in range(rng.randint(0, 12)))


TOOLS = [
    {"type": "function", "function": {"name": "get_weather", "description": "Weather <now> & \"then\"", "parameters": {
        "type": "object", "properties": {"city": {"type": "string", "description": "é", "enum": ["Paris", "東京"]},
                                         "days": {"type": "integer", "default": 3}, "ratio": {"type": "number", "default": 1.0}},
        "required": ["city"]}}},
    {"type": "function", "function": {"name": "noop", "description": "Nothing", "parameters": {"type": "object", "properties": {}}}},
]


def call(rng, i):
    arguments = {"city": rng.choice(["Paris", "日本", "a\"b"]), "days": rng.randint(-3, 2**40), "ratio": rng.choice([0.5, 1.0, 1e-7, 1e22, 100000.0]),
                 "nested": {"z": None, "a": [True, False, {}], "list": []}}
    return {"id": f"call{i:05d}", "type": "function", "function": {"name": "get_weather", "arguments": arguments}}


def chat(rng, i):
    messages = []
    tools = None
    if rng.random() < 0.4:
        messages.append({"role": "system", "content": text(rng)})
    for turn in range(rng.randint(1, 4)):
        messages.append({"role": "user", "content": text(rng)})
        answer = {"role": "assistant", "content": text(rng)}
        if rng.random() < 0.25:
            answer["reasoning_content"] = text(rng)
        if rng.random() < 0.25:
            tools = TOOLS
            answer["tool_calls"] = [call(rng, i * 10 + k) for k in range(rng.randint(1, 2))]
            if rng.random() < 0.5:
                answer["content"] = None
            messages.append(answer)
            for c in answer["tool_calls"]:
                messages.append({"role": "tool", "name": "get_weather", "tool_call_id": c["id"],
                                 "content": rng.choice(["{\"temp\": 21.5}", "sunny", text(rng)])})
            answer = {"role": "assistant", "content": text(rng)}
        messages.append(answer)
    if rng.random() < 0.15:
        messages.pop()
    odd = rng.random()
    if odd < 0.03:
        messages[0]["role"] = "narrator"
    elif odd < 0.06:
        del messages[-1]["content"]
    elif odd < 0.09 and len(messages) > 2:
        messages[1], messages[2] = messages[2], messages[1]
    elif odd < 0.11:
        messages[0]["content"] = [{"type": "text", "text": text(rng)}, {"type": "text", "text": text(rng)}]
    elif odd < 0.13:
        messages[-1]["content"] = 7
    return {"messages": messages, "tools": tools, "add_generation_prompt": rng.random() < 0.3}


def chats():
    rng = random.Random(20240726)
    for i in range(120):
        print(json.dumps(chat(rng, i), ensure_ascii=False))


def render(folder, path):
    from transformers.utils import chat_template_utils as utils
    conversations = [json.loads(line) for line in open(path, encoding="utf-8")]
    for file in sorted(pathlib.Path(folder).glob("*.jinja")):
        with open(file, encoding="utf-8", newline="") as f:
            source = f.read()
        try:
            template = utils._compile_jinja_template(source)
        except Exception as error:
            print(file.name, "compile", "!", "", sep="\t")
            print(file.name, error, file=sys.stderr)
            continue
        template.environment.globals["strftime_now"] = lambda f: datetime(2024, 7, 26).strftime(f)
        for i, c in enumerate(conversations):
            try:
                out, spans = utils._render_with_assistant_indices(
                    template, c["messages"], c["tools"], None, c["add_generation_prompt"],
                    bos_token="<s>", eos_token="</s>")
            except Exception as error:
                print(file.name, i, "!", "", sep="\t")
                continue
            spans = ",".join(f"{len(out[:a].encode())}-{len(out[:b].encode())}" for a, b in spans)
            print(file.name, i, hashlib.sha256(out.encode()).hexdigest()[:16], spans, sep="\t")


if sys.argv[1] == "chats":
    chats()
else:
    render(sys.argv[1], sys.argv[2])
