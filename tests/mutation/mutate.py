#!/usr/bin/env python3
"""Flips one operator or constant of lib/ at a time and tells which flips no test notices: README."""
import concurrent.futures
import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import threading

CC = os.environ.get("CC", "cc")
BUILDS = os.environ.get("BUILDS", "build/debug build/asan").split()
ROOMS = os.environ.get("ROOMS", "json outcome carrier delivery").split()
JOBS = int(os.environ.get("JOBS", "2"))
ONLY = os.environ.get("FILES", "").split()
LISTED = os.environ.get("LISTED")  # a file, such as an earlier output: no other mutants than it names
WORK = f"build/mutation/{os.getpid()}"
EXPLAINED = "tests/mutation/survivors"
SECONDS = 20
TEST_ENVIRONMENT = {**os.environ, "LAMBDEST_TEST_QUICK": "1", "CMOCKA_TEST_ABORT": "1"}  # the first failure ends it
SLOW = 60  # the longest that a program may take after its mutant was let in

FLIPS = {
    "<": ["<="], "<=": ["<"], ">": [">="], ">=": [">"], "==": ["!="], "!=": ["=="],
    "&&": ["||"], "||": ["&&"], "+": ["-"], "-": ["+"], "*": ["/"], "/": ["*"], "%": ["*"],
    "<<": [">>"], ">>": ["<<"], "&": ["|"], "|": ["&"], "^": ["&"], "!": [""], "++": ["--"], "--": ["++"],
    "+=": ["-="], "-=": ["+="], "true": ["false"], "false": ["true"],
}
TOKEN = re.compile(
    r"""(?P<skip>/\*.*?\*/|^[ \t]*\#(?:[^\n\\]|\\.|\\\n)*|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
      | (?P<name>[A-Za-z_]\w*)
      | (?P<number>(?:0[xX][0-9a-fA-F]+|\d+)[uUlL]*)
      | (?P<op>->|\+\+|--|<<=|>>=|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^]=|[-+*/%&|^!<>=~?:;,.(){}\[\]])
      """, re.X | re.S | re.M)
FUNCTION = re.compile(r"^[A-Za-z_][^;={}()]*?\b(\w+)\([^;{}]*\)\n\{", re.M)


def functions(text):
    """(start, end, name) of each function's body."""
    out = []
    for m in FUNCTION.finditer(text):
        end = text.find("\n}", m.end())
        out.append((m.end(), end, m.group(1)))
    return out


def binary(before):
    return before in (")", "]") or bool(re.match(r"\w", before[-1:]))


def flips_of(token, kind, before, after):
    if kind == "number":
        suffix = re.search(r"[uUlL]*$", token).group()
        value = int(token[:len(token) - len(suffix)], 0)
        return [f"{value + 1}{suffix}"]
    if token in ("+", "-", "*", "&") and not binary(before):
        return []
    if token == "*" and (after in ("*", ")") or before in TYPES or after == "const"):
        return []
    return FLIPS.get(token, [])


TYPES = {"char", "void", "int", "const", "uint32_t", "size_t", "uint64_t", "int64_t", "FILE", "DIR"}


def is_declaration(line):
    """`type *name` reads like a product."""
    return re.match(r"\s*(static |const |struct |unsigned )*\w+ \*+\w+( = |;|,|\))", line) is not None


def mutants_of(path):
    """With the same change in the same words further down in a function as `again`, from 2."""
    text = open(path).read()
    keys = {}
    tokens = [m for m in TOKEN.finditer(text) if m.lastgroup != "skip"]
    bodies = functions(text)
    for i, m in enumerate(tokens):
        name = next((n for a, b, n in bodies if a <= m.start() < b), None)
        if name is None or m.lastgroup == "name" and m.group() not in FLIPS:
            continue
        start = text.rfind("\n", 0, m.start()) + 1
        line = text[start:text.find("\n", m.start())]
        before = tokens[i - 1].group() if i else ""
        after = tokens[i + 1].group() if i + 1 < len(tokens) else ""
        if m.group() == "*" and is_declaration(line) or "static_assert" in line:
            continue
        for new in flips_of(m.group(), m.lastgroup, before, after):
            nth = text.count(m.group(), start, m.start())
            mutant = {
                "path": path, "function": name,
                "flip": f"{m.group()} -> {new or 'nothing'}" + (f" ({nth + 1})" if nth else ""),
                "source": line.strip(), "text": text[:m.start()] + new + text[m.end():], "again": 1,
            }
            key = key_of(mutant)
            keys[key] = mutant["again"] = keys.get(key, 0) + 1
            yield mutant


class Stopped(Exception):
    pass


running = set()
stopped = 0  # by this signal


def end_group(child):
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def stop(number, _):
    global stopped
    stopped = number
    for child in list(running):
        end_group(child)


def run(command, seconds, out=subprocess.DEVNULL):
    """Its exit status, negative if it had to be killed. What it started and left behind is killed with it."""
    child = subprocess.Popen(command, stdout=out, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
                             start_new_session=True, env=TEST_ENVIRONMENT)
    running.add(child)
    if stopped:
        end_group(child)
    timer = threading.Timer(seconds, end_group, [child])
    timer.start()
    # Until it is waited for, no other process can have its number.
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    timer.cancel()
    timer.join()
    running.discard(child)
    end_group(child)
    status = child.wait()
    if stopped:
        raise Stopped
    return status


def flags_of(build):
    return ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"] if build.endswith("asan") else []


def includes(source, header):
    with open(f"{BUILDS[0]}/{source[:-2]}.d") as f:
        return header in f.read().split()


def units_of(path):
    """The files of the room that a compiler is given for it: of a header those that include it."""
    if path.endswith(".c"):
        return [path]
    room = os.path.dirname(path)
    return sorted(c for c in (f"{room}/{f}" for f in os.listdir(room) if f.endswith(".c")) if includes(c, path))


def compile_to(source, obj, base, build, more):
    return run([CC, "-std=c11", "-O1", "-w", f"-I{base}", "-Iinclude", "-Ilib", *more, "-fPIC", *flags_of(build), "-c",
                source, "-o", obj], SLOW)


def compile_with(text, path, base, build):
    """The objects that the file goes into, when this is its text; None if one does not compile."""
    copy = f"{base}/{path[len('lib/'):]}"
    os.makedirs(os.path.dirname(copy), exist_ok=True)
    with open(copy, "w") as f:
        f.write(text)
    out = []
    for unit in units_of(path):
        out.append(f"{base}/{os.path.basename(unit)[:-2]}.o")
        source = copy if unit == path else unit
        if compile_to(source, out[-1], base, build, [f"-I{os.path.dirname(path)}"]):
            return None
    return out


def code_of(text, path, base):
    """All objects that this text may change: a header's are those of tests too, such as of what is always inlined."""
    objs = compile_with(text, path, base, "")
    if not objs or path.endswith(".c"):
        return objs
    for test in own_tests(path):
        if includes(f"tests/{test}.c", path):
            objs.append(f"{base}/{test}.o")
            if compile_to(f"tests/{test}.c", objs[-1], base, "", ["-Itests"]):
                return None
    return objs


def own_tests(path):
    room = path.split("/")[1]
    return [t for t in (f"test_{room}_{os.path.basename(unit)[:-2]}" for unit in units_of(path))
            if os.path.exists(f"tests/{t}.c")]


def tests_for(path):
    room = path.split("/")[1]
    own = own_tests(path)
    all_tests = sorted(f[:-2] for f in os.listdir("tests") if re.match(r"test_\w+\.c$", f))
    same = [t for t in all_tests if t.startswith(f"test_{room}_") and t not in own]
    faults = ["test_io_faults"] if room == "delivery" else []
    rest = faults + ["test_captures", "test_allocations", "test_envelope_random", "test_envelope_captures"]
    return [t for t in own + same + rest if t in all_tests]


LIBS = subprocess.run(["pkg-config", "--libs", "cmocka", "jansson"], capture_output=True, text=True).stdout.split()


def link(path, base, build, test, objs, program):
    obj = f"{build}/tests/{test}.o"
    if path.endswith(".h") and includes(f"tests/{test}.c", path):
        obj = f"{base}/{test}.o"
        if compile_to(f"tests/{test}.c", obj, base, build, ["-Itests"]):
            return 1
    return run([CC, *flags_of(build), "-o", program, obj, f"{build}/tests/support.o", *objs, f"{build}/liblambdest.a",
                *LIBS, "-lpthread", "-Wl,-z,muldefs"], SLOW)


def digest(objs):
    """Of the code and what it reads; None if there is none."""
    hashed, size = hashlib.sha256(), 0
    for obj in objs:
        text, dump = f"{obj}.text", f"{obj}.dump"
        run(["objcopy", "-O", "binary", "--only-section=.text*", "--only-section=.rodata*", obj, text], SLOW)
        with open(dump, "wb") as f:
            run(["objdump", "-dr", "--no-show-raw-insn", obj], SLOW, f)
        with open(text, "rb") as code, open(dump, "rb") as lines:
            hashed.update(code.read() + b"\n".join(lines.read().split(b"\n")[4:]))
        size += os.path.getsize(text)
    return hashed.hexdigest() if size else None


def judge(job):
    number, mutant, original = job
    base, path = f"{WORK}/{threading.get_ident()}", mutant["path"]
    program = f"{base}/run"
    objs = code_of(mutant["text"], path, base)
    if not objs:
        return number, "does not compile", ""
    if digest(objs) == original:
        return number, "same code", ""
    objs = objs[:len(units_of(path))]
    for build in BUILDS:
        if build != BUILDS[0] or flags_of(build):
            objs = compile_with(mutant["text"], path, base, build)
        for test in tests_for(path):
            if link(path, base, build, test, objs, program):
                return number, "does not link", test
            if run([program], SECONDS):
                return number, "killed", test
    return number, "survived", ""


def explained():
    """The keys of EXPLAINED, none used yet. A reason, indented, follows each block of them."""
    out, block = {}, []
    lines = open(EXPLAINED).read().split("\n") if os.path.exists(EXPLAINED) else []
    for line in lines:
        if line.startswith(" "):
            block = []
        elif line.strip() and not line.startswith("#"):
            block.append(line)
            out[line] = False
        elif block:
            break
    if block:
        sys.exit(f"{EXPLAINED}: no reason: {block[0]}")
    return out


def add(counts, more):
    for verdict, n in more.items():
        counts[verdict] = counts.get(verdict, 0) + n


def line_of(what, counts):
    return (f"{what:<30} {sum(counts.values()):5} mutants, {counts.get('killed', 0):5} killed, "
            f"{counts.get('same code', 0) + counts.get('does not compile', 0):3} none (same code, or not C), "
            f"{counts.get('explained', 0):3} explained, {counts.get('survived', 0):3} survived")


def key_of(m):
    return f"{m['path']}: {m['function']}: {m['flip']}: {m['source']}" + (f" #{m['again']}" if m["again"] > 1 else "")


def try_file(pool, path, known):
    """How many of its mutants had which verdict; prints those that survived, and marks the explained."""
    with open(path) as f:
        objs = code_of(f.read(), path, f"{WORK}/original")
    if not objs:
        sys.exit(f"{path} does not compile")
    original = digest(objs)
    if not original:
        print(f"{path}: no code on this machine")
        return {}
    listed = open(LISTED).read().replace("SURVIVED ", "").split("\n") if LISTED else None
    mutants = [m for m in mutants_of(path) if listed is None or key_of(m) in listed]
    counts = {}
    for number, verdict, test in pool.map(judge, [(i, m, original) for i, m in enumerate(mutants)]):
        m = mutants[number]
        key = key_of(m)
        if verdict == "does not link":
            sys.exit(f"{test} does not link: make VARIANT=debug tests; make VARIANT=asan tests")
        if verdict == "survived" and key in known:
            known[key] = True
            verdict = "explained"
        add(counts, {verdict: 1})
        if verdict == "survived":
            print(f"SURVIVED {key}", flush=True)
    return counts


def try_files(pool):
    files = ONLY or [f"lib/{room}/{f}" for room in ROOMS for f in sorted(os.listdir(f"lib/{room}"))
                     if f.endswith(".c") or any(mutants_of(f"lib/{room}/{f}"))]
    known, rooms, total = explained(), {}, {}
    for path in files:
        counts = try_file(pool, path, known)
        print(line_of(path, counts), flush=True)
        add(rooms.setdefault(os.path.dirname(path), {}), counts)
        add(total, counts)
    stale = [key for key, used in known.items() if not used and key.split(":")[0] in files and not LISTED]
    for key in stale:
        print(f"EXPLAINED, and killed or gone: {key}")
    for what, counts in list(rooms.items()) + [("all", total)]:
        print(line_of(what, counts))
    return 1 if total.get("survived") or stale else 0


def main():
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    os.makedirs(WORK)
    pool = concurrent.futures.ThreadPoolExecutor(JOBS)
    try:
        status = try_files(pool)
    except Stopped:
        status = 128 + stopped
    finally:
        pool.shutdown(cancel_futures=True)
        shutil.rmtree(WORK)
    sys.exit(status)


main()
