"""Makes random templates, renders them as Python's transformers library does, and
prints each with the SHA-256 of its text, or with "!" where Python raises, which the
test TestRandomParity expects. The chat is the first of chats.jsonl.

    pip install transformers jinja2        # 5.24.0 and 3.1.6 made random.jsonl
    python random_templates.py 1500 > random.jsonl
"""
import hashlib
import json
import pathlib
import random
import sys

from transformers.utils import chat_template_utils

rng = random.Random(99)
line = open(pathlib.Path(__file__).parent / "chats.jsonl", encoding="utf-8").readline()
atoms=["messages[0].content[1:]","messages[1:]","messages[1].content[::-1]","(messages|length)","0","-2","3.5","''","'abc'","'A b,C'","' x '","'é日'","true","false","none","[]","[1,2,3]","['a','b']","(1,'x')","{}","{'a':1,'b':[2]}","messages","messages[0]","messages[0].content","messages[-1].role","missing","tools","messages[0].missing","x","'a\\nb\\n'","10","'5'","1e3"]
filters=["upper","lower","trim","length","string","int","float","list","first","last","join","join('-')","tojson","tojson(indent=2)","default('d')","default('d',true)","sort","unique|list","reverse|list","title","capitalize","abs","round","round(1)","replace('a','b')","map('upper')|list","map(attribute='role')|list","selectattr('role','equalto','user')|list","rejectattr('content')|list","select('string')|list","reject('none')|list","sum","min","max","items|list","dictsort","indent","indent(2,true)","batch(2)|list","e","wordcount","count","d"]
tests=["defined","undefined","none","string","number","integer","float","mapping","iterable","sequence","boolean","true","false","odd","even","lower","upper","eq 1","in [1,'a']","divisibleby 2","callable","sameas none","gt 1","lessthan 2"]
methods=["strip()","lstrip()","rstrip('\\n')","split()","split(',')","split('b',1)","startswith('a')","endswith(' ')","upper()","lower()","title()","replace('a','z')","find('b')","count('a')","items()","keys()|list","values()|list","get('a')","get('zz','q')","join(['p','q'])","isdigit()","splitlines()","capitalize()","index('a')","append(1)","rsplit(',',1)","removeprefix('a')","zfill(4)","format(1)","partition('b')"]
ops=["+","-","*","/","//","%","**","~","==","!=","<","<=",">",">=","in","not in","and","or"]
def ex(d):
    r=rng.random()
    if d<=0 or r<0.15: return rng.choice(atoms)
    if r<0.35: return f"({ex(d-1)} {rng.choice(ops)} {ex(d-1)})"
    if r<0.55: return f"({ex(d-1)})|{rng.choice(filters)}"
    if r<0.68: return f"({ex(d-1)} is {rng.choice(['','not '])}{rng.choice(tests)})"
    if r<0.8: return f"({ex(d-1)}).{rng.choice(methods)}"
    if r<0.88: return f"({ex(d-1)})[{rng.choice(['0','-1','0','1',chr(39)+'a'+chr(39),'9'])}]"
    if r<0.94: return f"({ex(d-1)} if {ex(d-1)} else {ex(d-1)})"
    if r<0.97: return f"(not {ex(d-1)})"
    return f"[{ex(d-1)}, {ex(d-1)}]"
def st(d):
    r=rng.random()
    ws=lambda: rng.choice(["{%","{%-","{%+"]); we=lambda: rng.choice(["%}","-%}","%}","+%}"])
    sp=lambda: rng.choice([""," ","\n","  \n  ","\t","x"," y\n"])
    if d<=0 or r<0.35: return sp()+rng.choice(["{{","{{-"])+" "+ex(2)+" "+rng.choice(["}}","-}}"])+sp()
    if r<0.55: return sp()+f"{ws()} if {ex(2)} {we()}{st(d-1)}{ws()} else {we()}{st(d-1)}{ws()} endif {we()}"+sp()
    if r<0.75: return sp()+f"{ws()} for x in {ex(2)} {we()}{st(d-1)}{{{{ loop.index }}}}{st(d-1)}{ws()} else {we()}{sp()}{ws()} endfor {we()}"+sp()
    if r<0.9: return sp()+f"{ws()} set x = {ex(2)} {we()}"+st(d-1)
    if r<0.95: return sp()+f"{ws()} set x {we()}{st(d-1)}{ws()} endset {we()}{{{{ x }}}}"
    return st(d-1)+sp()+"{#- c -#}"+st(d-1)

for _ in range(int(sys.argv[1])):
    source = "".join(st(2) for _ in range(rng.randint(1, 2))) if rng.random() < 0.5 else "{{ " + ex(3) + " }}"
    template = chat_template_utils._cached_compile_jinja_template(source)
    chat = json.loads(line)  # some filters of Python change their lists
    try:
        text = template.render(messages=chat["messages"], tools=chat["tools"], documents=None, add_generation_prompt=False,
                               bos_token="<s>", eos_token="</s>")
        text.encode()
    except Exception:
        text = None
    if text is None or len(text) < 100_000 and "dict_" not in text:
        print(json.dumps({"template": source, "hash": "!" if text is None else hashlib.sha256(text.encode()).hexdigest()[:16]}, ensure_ascii=False))
