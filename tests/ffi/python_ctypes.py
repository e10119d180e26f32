"""lambdest from Python by ctypes alone."""
import ctypes as c
import os
import sys

lib = c.CDLL(os.environ["LAMBDEST_LIBRARY"])

RECORD, SUCCESS, FAILURE, INDETERMINATE, BATCH = 501, 531, 532, 533, 512
REQUEST_ID, FUNCTION_ARN, CONDITION, ERROR_TYPE = 101, 102, 103, 126
INVOKE_COUNT, STATUS_CODE, REQUEST_PAYLOAD, RESPONSE_PAYLOAD, RANGE_FIRST = 201, 202, 301, 302, 144
ON_SUCCESS, ON_FAILURE, VERDICT_NONE, DELIVERED, DELIVERY_VERDICT = 1, 2, 681, 682, 283
E_SCHEMA, E_PARTIAL = -5, -12


class LambdestError(c.Structure):
    _fields_ = [("code", c.c_int32), ("flags", c.c_uint32), ("offset", c.c_uint64),
                ("message", c.c_char_p), ("where", c.c_char_p), ("reserved", c.c_uint64 * 2)]


CALLBACK = c.CFUNCTYPE(None, c.c_void_p, c.c_void_p)
DESTROY = c.CFUNCTYPE(None, c.c_void_p)


class Sink(c.Structure):
    _fields_ = [("size", c.c_uint32), ("target", c.c_uint32), ("form", c.c_uint32),
                ("write_flags", c.c_uint32), ("oversize", c.c_uint32), ("only_cause", c.c_uint32),
                ("max_bytes", c.c_uint64), ("deliver", CALLBACK), ("flush", CALLBACK), ("close", CALLBACK),
                ("destroy", DESTROY), ("user_data", c.c_void_p), ("reserved", c.c_void_p),
                ("arn", c.c_char_p), ("arn_len", c.c_size_t),
                ("only_function", c.c_char_p), ("only_function_len", c.c_size_t),
                ("only_condition", c.c_char_p), ("only_condition_len", c.c_size_t),
                ("overflow", c.c_char_p), ("overflow_len", c.c_size_t)]


def declare(name, result, *arguments):
    function = getattr(lib, "lambdest_" + name)
    function.restype, function.argtypes = result, arguments
    return function


P, N, I, TEXT = c.c_void_p, c.c_size_t, c.c_int, c.c_char_p
OUT, LEN, ERR = c.POINTER(P), c.POINTER(N), c.POINTER(LambdestError)

name = declare("name", TEXT, I)
parse = declare("envelope_parse", I, TEXT, N, P, OUT, ERR)
new = declare("envelope_new", I, P, OUT, ERR)
free = declare("envelope_free", None, P)
kind = declare("envelope_kind", I, P)
outcome = declare("envelope_outcome", I, P)
cause = declare("envelope_cause", I, P)
get_text = declare("envelope_text", P, P, I, LEN)
get_json = declare("envelope_json", P, P, I, LEN)
get_integer = declare("envelope_integer", I, P, I, c.POINTER(c.c_int64))
set_text = declare("envelope_set_text", I, P, I, TEXT, N, ERR)
set_integer = declare("envelope_set_integer", I, P, I, c.c_int64, ERR)
set_json = declare("envelope_set_json", I, P, I, TEXT, N, ERR)
write = declare("envelope_write", I, P, I, c.c_uint32, P, N, LEN, ERR)
range_text = declare("envelope_range_text", P, P, N, I, LEN)
router_new = declare("router_new", I, P, OUT, ERR)
router_free = declare("router_free", None, P)
add_sink = declare("router_add_sink", I, P, c.c_uint32, TEXT, N, c.POINTER(Sink), ERR)
plan_envelope = declare("router_plan", I, P, P, I, OUT, ERR)
dispatch = declare("router_dispatch", I, P, P, I, OUT, ERR)
plan_free = declare("plan_free", None, P)
plan_at = declare("plan_at", P, P, N)
plan_undelivered = declare("plan_undelivered", N, P)
body = declare("delivery_body", P, P, LEN)
report = declare("delivery_report", I, P, I, TEXT, N)
delivery_integer = declare("delivery_integer", I, P, I, c.POINTER(c.c_int64))


class Failed(Exception):
    def __init__(self, err):
        super().__init__(f"{err.message.decode()} at byte {err.offset} ({err.where.decode()})")
        self.code, self.offset, self.where = err.code, err.offset, err.where.decode()


def check(function, *arguments):
    err = LambdestError()
    if function(*arguments, c.byref(err)):
        raise Failed(err)


def made_by(function, *arguments):
    out = P()
    check(function, *arguments, c.byref(out))
    return out


def counted(getter, *arguments):
    n = N()
    at = getter(*arguments, c.byref(n))
    return None if at is None else c.string_at(at, n.value)


def integer(env, member):
    value = c.c_int64()
    return value.value if get_integer(env, member, c.byref(value)) == 0 else None


def written(env, form=0):
    need = N()
    write(env, form, 0, None, 0, c.byref(need), None)
    buf = c.create_string_buffer(need.value + 1)
    check(write, env, form, 0, buf, len(buf), c.byref(need))
    return buf.raw[:need.value]


def load(record):
    with open(f"tests/records/{record}.json", "rb") as f:
        text = f.read()
    return made_by(parse, text, len(text), None), text


def expect(got, wanted):
    if got != wanted:
        sys.exit(f"python_ctypes: got {got!r}, wanted {wanted!r}")


def test_parse():
    env, text = load("async-success")
    expect((outcome(env), name(cause(env))), (SUCCESS, b"returned"))
    expect(written(env), text)
    free(env)
    env, _ = load("async-failure-unhandled-python")
    expect((outcome(env), name(cause(env))), (FAILURE, b"raised"))
    expect((counted(get_text, env, ERROR_TYPE), integer(env, INVOKE_COUNT)), (b"ZeroDivisionError", 3))
    free(env)
    env, _ = load("kafka-failure")
    expect((kind(env), counted(range_text, env, 1, RANGE_FIRST)), (BATCH, b"12"))
    free(env)


def build():
    env = made_by(new, None)
    for member, text in ((REQUEST_ID, b"r-1"), (CONDITION, b"Success"),
                         (FUNCTION_ARN, b"arn:aws:lambda:eu-west-1:111122223333:function:orders")):
        check(set_text, env, member, text, len(text))
    check(set_integer, env, STATUS_CODE, 200)
    for member, json in ((REQUEST_PAYLOAD, b'{"n": 1e+21}'), (RESPONSE_PAYLOAD, b'"\\ud83d"')):
        check(set_json, env, member, json, len(json))
    return env


def test_build():
    env = build()
    expect(written(env),
           b'{"version":"1.0","requestContext":{"requestId":"r-1","functionArn":'
           b'"arn:aws:lambda:eu-west-1:111122223333:function:orders:$LATEST","condition":"Success"},'
           b'"requestPayload":{"n": 1e+21},"responseContext":{"statusCode":200},"responsePayload":"\\ud83d"}')
    expect(counted(get_json, env, REQUEST_PAYLOAD), b'{"n": 1e+21}')
    free(env)


def test_error():
    text = b'{"requestContext":{"condition":5}}'
    try:
        made_by(parse, text, len(text), None)
        sys.exit("python_ctypes: a broken text was taken")
    except Failed as failed:
        expect((failed.code, failed.offset, failed.where), (E_SCHEMA, 31, "requestContext.condition"))


def verdict(plan):
    value = c.c_int64()
    delivery_integer(plan_at(plan, 0), DELIVERY_VERDICT, c.byref(value))
    return value.value


def router_with(deliver):
    """A router with one sink. The callback object must live as long as the router: keep what is returned."""
    router, sink = made_by(router_new, None), Sink(size=c.sizeof(Sink), deliver=deliver)
    check(add_sink, router, ON_SUCCESS, b"only", 4, c.byref(sink))
    return router


def test_pull():
    env, router = build(), router_with(CALLBACK())
    plan = made_by(plan_envelope, router, env, 0)
    expect(plan_undelivered(plan), 1)
    row = plan_at(plan, 0)
    expect(counted(body, row), written(env))
    expect((report(row, DELIVERED, None, 0), plan_undelivered(plan)), (0, 0))
    plan_free(plan)
    router_free(router)
    free(env)


def test_callbacks():
    seen = []

    @CALLBACK
    def takes(row, _):
        seen.append(counted(body, row))
        report(row, DELIVERED, b"HTTP 200", 8)

    @CALLBACK
    def raises(row, _):
        raise RuntimeError("a sink that raises")

    sys.unraisablehook = lambda raised: None
    for callback, code, wanted in ((takes, 0, DELIVERED), (raises, E_PARTIAL, VERDICT_NONE)):
        env, router, plan, err = build(), router_with(callback), P(), LambdestError()
        expect(dispatch(router, env, 0, c.byref(plan), c.byref(err)), code)
        expect(verdict(plan), wanted)
        plan_free(plan)
        router_free(router)
        expect(seen, [written(env)])
        free(env)


expect(lib.lambdest_version() >= 1000, True)
test_parse()
test_build()
test_error()
test_pull()
test_callbacks()
print("ok")
