"""Counts chats with Python's transformers: the tokens of apply_chat_template and
of them those in the assistant mask, which the test TestCountsOfTransformers
expects.

    pip install transformers jinja2         # 5.24.0 and 3.1.6 made counts.tsv
    python counts.py TOKENIZERS > counts.tsv

TOKENIZERS is the folder of tokenizer.json files that the tests read.
"""
import json
import pathlib
import sys

from transformers import PreTrainedTokenizerFast

PAIRS = [("llama3.1", "llama3.1", "<|begin_of_text|>", "<|eot_id|>"), ("llama3.1", "llama3", "<|begin_of_text|>", "<|eot_id|>"),
         ("llama3.1", "tulu", "<|begin_of_text|>", "<|end_of_text|>"),
         ("qwen3", "qwen3", None, "<|im_end|>"), ("qwen3", "qwen2.5", None, "<|im_end|>"), ("smollm2", "chatml", None, "<|im_end|>"),
         ("deepseek-v3", "chatml", None, "<|im_end|>"), ("olmo2-dolma2", "chatml", None, "<|im_end|>"),
         ("mistral-7b-v0.3", "mistral-v3", "<s>", "</s>"), ("mistral-7b-v0.1", "mistral-v1", "<s>", "</s>"),
         ("mistral-7b-v0.1", "zephyr", "<s>", "</s>"), ("mistral-7b-v0.1", "llama2", "<s>", "</s>"),
         ("gpt2", "gemma3", "<bos>", "<eos>")]

here = pathlib.Path(__file__).parent
chats = [json.loads(line) for line in open(here / "../internal/jinja2/testdata/chats.jsonl", encoding="utf-8")]
for folder, form, bos, eos in PAIRS:
    tok = PreTrainedTokenizerFast(tokenizer_file=str(pathlib.Path(sys.argv[1]) / folder / "tokenizer.json"))
    # The special tokens of the form are variables of the template, not of the vocabulary.
    source = (here / "../forms" / f"{form}.jinja").read_text()
    for i, c in enumerate(chats):
        try:
            out = tok.apply_chat_template(c["messages"], tools=c["tools"], chat_template=source, tokenize=True, return_dict=True,
                                          return_assistant_tokens_mask=True, bos_token=bos or "", eos_token=eos)
        except Exception as error:
            print(folder, form, i, "!", "", sep="\t")
            continue
        print(folder, form, i, len(out["input_ids"]), sum(out["assistant_masks"]), sep="\t")
