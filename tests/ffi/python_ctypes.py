"""lambdest from Python by ctypes alone."""
import ctypes as c
import itertools
import os
import re
import sys

lib = c.CDLL("liblambdest.so.0")

# The constants, by name, from the installed declarations: `pkg-config --variable=cdef lambdest`.
with open(os.environ["LAMBDEST_CDEF"]) as f:
    K = {name: int(value) for name, value in re.findall(r"\bLAMBDEST_(\w+) = (-?\d+)", f.read())}


class LambdestError(c.Structure):
    _fields_ = [("code", c.c_int32), ("flags", c.c_uint32), ("offset", c.c_uint64),
                ("message", c.c_char_p), ("where", c.c_char_p), ("reserved", c.c_uint64 * 2)]


class Slice(c.Structure):
    _fields_ = [("data", c.c_char_p), ("len", c.c_size_t)]


# A callback has no result, so that one that raised has no wrong one.
DELIVER = c.CFUNCTYPE(None, c.c_void_p, c.c_void_p)
DESTROY = c.CFUNCTYPE(None, c.c_void_p)


class Sink(c.Structure):
    _fields_ = [("size", c.c_uint32), ("target", c.c_uint32), ("form", c.c_uint32),
                ("write_flags", c.c_uint32), ("oversize", c.c_uint32), ("only_cause", c.c_uint32),
                ("max_bytes", c.c_uint64), ("deliver", DELIVER), ("flush", DELIVER), ("close", DELIVER),
                ("destroy", DESTROY), ("user_data", c.c_void_p), ("reserved", c.c_void_p),
                ("arn", c.c_char_p), ("arn_len", c.c_size_t),
                ("only_function", c.c_char_p), ("only_function_len", c.c_size_t),
                ("only_condition", c.c_char_p), ("only_condition_len", c.c_size_t),
                ("overflow", c.c_char_p), ("overflow_len", c.c_size_t)]


def declare(name, result, *arguments):
    function = getattr(lib, "lambdest_" + name)
    function.restype, function.argtypes = result, arguments
    return function


# Every function is declared: of one that is not, ctypes cuts pointers and 64-bit integers to 32 bits. Text in is
# c_char_p with its length. Text out is c_void_p: a c_char_p result would end at its first NUL byte, and JSON has
# none at its end.
P, N, I, U, TEXT = c.c_void_p, c.c_size_t, c.c_int, c.c_uint32, c.c_char_p
OUT, LEN, INT64, ERR = c.POINTER(P), c.POINTER(N), c.POINTER(c.c_int64), c.POINTER(LambdestError)

version = declare("version", U)
name = declare("name", TEXT, I)
free_text = declare("free", None, P)
parse = declare("envelope_parse", I, TEXT, N, P, OUT, ERR)
new = declare("envelope_new", I, P, OUT, ERR)
free = declare("envelope_free", None, P)
form = declare("envelope_form", I, P)
kind = declare("envelope_kind", I, P)
outcome = declare("envelope_outcome", I, P)
cause = declare("envelope_cause", I, P)
get_text = declare("envelope_text", P, P, I, LEN)
get_json = declare("envelope_json", P, P, I, LEN)
get_integer = declare("envelope_integer", I, P, I, INT64)
set_text = declare("envelope_set_text", I, P, I, TEXT, N, ERR)
set_integer = declare("envelope_set_integer", I, P, I, c.c_int64, ERR)
set_json = declare("envelope_set_json", I, P, I, TEXT, N, ERR)
set_state = declare("envelope_set_state", I, P, I, I, ERR)
set_error = declare("envelope_set_error", I, P, TEXT, N, TEXT, N, c.POINTER(Slice), N, ERR)
write = declare("envelope_write", I, P, I, U, P, N, LEN, ERR)
range_count = declare("envelope_range_count", N, P)
range_text = declare("envelope_range_text", P, P, N, I, LEN)
router_new = declare("router_new", I, P, OUT, ERR)
router_free = declare("router_free", None, P)
add_sink = declare("router_add_sink", I, P, U, TEXT, N, c.POINTER(Sink), ERR)
make_plan = declare("router_plan", I, P, P, I, OUT, ERR)
dispatch = declare("router_dispatch", I, P, P, I, OUT, ERR)
plan_run = declare("plan_run", I, P)
plan_free = declare("plan_free", None, P)
plan_at = declare("plan_at", P, P, N)
plan_undelivered = declare("plan_undelivered", N, P)
body = declare("delivery_body", P, P, LEN)
row_text = declare("delivery_text", P, P, I, LEN)
row_integer = declare("delivery_integer", I, P, I, INT64)
report = declare("delivery_report", I, P, I, TEXT, N)
unwrap = declare("unwrap", I, TEXT, N, P, OUT, ERR)
items_free = declare("items_free", None, P)
items_count = declare("items_count", N, P)
items_at = declare("items_at", P, P, N)
items_fail = declare("items_fail", I, P, N)
items_response = declare("items_response", I, P, OUT, LEN)
item_kind = declare("item_kind", I, P)
item_text = declare("item_text", P, P, I, LEN)
item_envelope = declare("item_envelope", P, P)
item_error = declare("item_error", I, P, ERR)


class Failed(Exception):
    def __init__(self, err):
        self.code, self.offset = err.code, err.offset
        self.where, self.message = err.where.decode(), err.message.decode()
        super().__init__(f"{self.message}: byte {self.offset} of {self.where}")


def word(value):
    return name(value).decode()


def check(function, *arguments):
    err = LambdestError()
    if function(*arguments, c.byref(err)):
        raise Failed(err)


def made_by(function, *arguments):
    out = P()
    check(function, *arguments, c.byref(out))
    return out


def counted(getter, *arguments):
    """A copy of what a getter hands out, which is valid only until its object changes."""
    n = N()
    at = getter(*arguments, c.byref(n))
    return None if at is None else c.string_at(at, n.value)


def text_or_none(getter, *arguments):
    text = counted(getter, *arguments)
    return "none" if text is None else text.decode()


def integer(getter, *arguments):
    value = c.c_int64()
    code = getter(*arguments, c.byref(value))
    return value.value if code == 0 else word(code)


def read(path):
    with open(f"tests/{path}.json", "rb") as f:
        return f.read()


def load(path):
    text = read(path)
    return made_by(parse, text, len(text), None)


def written(env):
    need = N()
    write(env, 0, 0, None, 0, c.byref(need), None)
    buf = c.create_string_buffer(need.value + 1)
    check(write, env, 0, 0, buf, len(buf), c.byref(need))
    return buf.raw[:need.value]


def show(path, env):
    told = (word(getter(env)) for getter in (form, kind, outcome, cause))
    print(os.path.basename(path) + ": " + ", ".join(told))


def parse_each_kind():
    for path in "records/async-success", "records/async-failure-unhandled-python", "records/kafka-failure":
        env = load(path)
        show(path, env)
        for i in range(range_count(env)):
            at, first = (text_or_none(range_text, env, i, K["RANGE_" + m]) for m in ("NAME", "FIRST"))
            print(f"range {at} from {first}")
        free(env)
    env = load("ffi/document")
    show("document", env)
    print("errorType", text_or_none(get_text, env, K["ERROR_TYPE"]))
    print("errorMessage", counted(get_text, env, K["ERROR_MESSAGE"]).hex())
    print("requestPayload", counted(get_json, env, K["REQUEST_PAYLOAD"]).decode())
    print("condition", text_or_none(get_text, env, K["CONDITION"]))
    print("statusCode", integer(get_integer, env, K["STATUS_CODE"]))
    free(env)
    env = load("ffi/cloudevent")
    show("cloudevent", env)
    free(env)


def build():
    env = made_by(new, None)
    for member, text in (("REQUEST_ID", "r\0é".encode()), ("CONDITION", b"Success"),
                         ("FUNCTION_ARN", b"arn:aws:lambda:eu-west-1:111122223333:function:orders")):
        check(set_text, env, K[member], text, len(text))
    check(set_integer, env, K["STATUS_CODE"], 200)
    check(set_integer, env, K["TIMESTAMP_MS"], 1772443498046)
    for member, json in (("REQUEST_PAYLOAD", b'{"n": 1e+21}'), ("RESPONSE_PAYLOAD", b'"\\ud83d"')):
        check(set_json, env, K[member], json, len(json))
    return env


def fail(env):
    check(set_text, env, K["CONDITION"], b"RetriesExhausted", 16)
    check(set_state, env, K["RESPONSE_PAYLOAD"], K["ABSENT"])
    frames = (Slice * 2)(Slice(b"top", 3), Slice(b"below", 5))
    check(set_error, env, b"OutOfStock", 10, b"no shelf", 8, frames, len(frames))


def build_and_classify():
    env = build()
    for step in (None, fail):
        if step:
            step(env)
        print("built", written(env).decode())
        print(f"built: {word(kind(env))}, {word(outcome(env))}, {word(cause(env))}")
    free(env)


def a_broken_text():
    text = b'{"requestContext":{"condition":5}}'
    try:
        made_by(parse, text, len(text), None)
    except Failed as f:
        print(f"error {f.code} ({word(f.code)}) at byte {f.offset} of {f.where}: {f.message}")


callbacks, keys = {}, itertools.count(1)


@DESTROY
def destroyed(user_data):
    del callbacks[user_data]
    print("sink destroyed")


def router_with(deliver):
    """The library cannot keep a callback alive. A table does, by the key in user_data, until `destroy` is
    called: that may be after the router was freed, with its last plan."""
    router, key = made_by(router_new, None), next(keys)
    sink = Sink(size=c.sizeof(Sink), deliver=deliver, destroy=destroyed, user_data=key)
    check(add_sink, router, K["ON_SUCCESS"] | K["ON_FAILURE"], b"only", 4, c.byref(sink))
    callbacks[key] = deliver
    return router


def show_row(step, plan):
    row = plan_at(plan, 0)
    sink, detail = (text_or_none(row_text, row, K["DELIVERY_" + m]) for m in ("SINK", "DETAIL"))
    verdict = word(integer(row_integer, row, K["DELIVERY_VERDICT"]))
    print(f"{step} {sink}: {verdict} ({detail}), {plan_undelivered(plan)} undelivered")


def let_go(env, router, plan):
    """Any order of router and plan will do; the envelope goes after its plan."""
    router_free(router)
    print("router freed")
    plan_free(plan)
    free(env)


def pull():
    env, router = build(), router_with(DELIVER())
    plan = made_by(make_plan, router, env, 0)
    show_row("pull", plan)
    row = plan_at(plan, 0)
    assert counted(body, row) == written(env)
    assert report(row, K["VERDICT_DELIVERED"], b"HTTP 200", 8) == 0
    show_row("pull", plan)
    let_go(env, router, plan)


def dispatch_to_a_callback():
    env = build()

    @DELIVER
    def takes(row, user_data):
        if counted(body, row) == written(env):
            print("dispatch only: the record came")
        report(row, K["VERDICT_DELIVERED"], b"HTTP 200", 8)

    router = router_with(takes)
    plan = made_by(dispatch, router, env, 0)
    show_row("dispatch", plan)
    let_go(env, router, plan)


def a_callback_that_raises():
    """ctypes hands the exception to sys.unraisablehook and goes on; the row says that nobody reported."""
    env, raised = build(), []
    sys.unraisablehook = raised.append

    @DELIVER
    def raises(row, user_data):
        raise RuntimeError("a sink that raises")

    router = router_with(raises)
    plan = made_by(make_plan, router, env, 0)
    assert plan_run(plan) == K["E_PARTIAL"]
    assert len(raised) == 1
    show_row("raise", plan)
    let_go(env, router, plan)


def unwrap_events():
    for path in "records/sqs-in-lambda-batch-mixed", "records/sns-in-sqs-in-lambda":
        event = read(path)
        items = made_by(unwrap, event, len(event), None)
        for i in range(items_count(items)):
            item, err = items_at(items, i), LambdestError()
            code = item_error(item, c.byref(err))
            says = word(code) if code else word(outcome(item_envelope(item)))
            carrier = text_or_none(item_text, item, K["ITEM_CARRIER"])
            print(f"item {word(item_kind(item))} by {carrier}: {says}")
            if code:
                assert items_fail(items, i) == 0
                out, n = P(), N()
                assert items_response(items, c.byref(out), c.byref(n)) == 0
                print("response", c.string_at(out, n.value).decode())
                free_text(out)
        items_free(items)


v = version()
print(f"version {v // 1000000}.{v // 1000 % 1000}.{v % 1000}")
parse_each_kind()
build_and_classify()
a_broken_text()
pull()
dispatch_to_a_callback()
a_callback_that_raises()
unwrap_events()
