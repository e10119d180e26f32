"""lambdest from Python by cffi, whose declarations are the generated ones (LAMBDEST_CDEF)."""
import os
import sys

import cffi

ffi = cffi.FFI()
with open(os.environ["LAMBDEST_CDEF"]) as declarations:
    ffi.cdef(declarations.read())
lib = ffi.dlopen(os.environ["LAMBDEST_LIBRARY"])


class Failed(Exception):
    def __init__(self, err):
        super().__init__(ffi.string(err.message).decode())
        self.code, self.offset, self.where = err.code, err.offset, ffi.string(err.where).decode()


def check(function, *arguments):
    err = ffi.new("lambdest_error *")
    if function(*arguments, err):
        raise Failed(err)


def made_by(function, kind, *arguments):
    out = ffi.new(kind + " **")
    check(function, *arguments, out)
    return out[0]


def counted(getter, *arguments):
    n = ffi.new("size_t *")
    at = getter(*arguments, n)
    return None if at == ffi.NULL else ffi.buffer(at, n[0])[:]


def integer(getter, *arguments):
    value = ffi.new("int64_t *")
    return value[0] if getter(*arguments, value) == 0 else None


def parse(text):
    env = made_by(lib.lambdest_envelope_parse, "lambdest_envelope", text, len(text), ffi.NULL)
    return ffi.gc(env, lib.lambdest_envelope_free)


def load(record):
    with open(f"tests/records/{record}.json", "rb") as f:
        return parse(f.read())


def written(env):
    n, out = ffi.new("size_t *"), ffi.new("char **")
    check(lib.lambdest_envelope_write_alloc, env, 0, 0, out, n)
    text = ffi.buffer(out[0], n[0])[:]
    lib.lambdest_free(out[0])
    return text


def expect(got, wanted):
    if got != wanted:
        sys.exit(f"python_cffi: got {got!r}, wanted {wanted!r}")


def test_parse():
    env = load("async-success")
    expect(lib.lambdest_envelope_outcome(env), lib.LAMBDEST_SUCCESS)
    env = load("async-failure-unhandled-python")
    expect(ffi.string(lib.lambdest_name(lib.lambdest_envelope_cause(env))), b"raised")
    expect(counted(lib.lambdest_envelope_text, env, lib.LAMBDEST_ERROR_TYPE), b"ZeroDivisionError")
    expect(integer(lib.lambdest_envelope_integer, env, lib.LAMBDEST_INVOKE_COUNT), 3)
    env = load("kafka-failure")
    expect(counted(lib.lambdest_envelope_range_text, env, 1, lib.LAMBDEST_RANGE_FIRST), b"12")


def build():
    env = ffi.gc(made_by(lib.lambdest_envelope_new, "lambdest_envelope", ffi.NULL), lib.lambdest_envelope_free)
    for member, text in ((lib.LAMBDEST_REQUEST_ID, b"r-1"), (lib.LAMBDEST_CONDITION, b"Success")):
        check(lib.lambdest_envelope_set_text, env, member, text, len(text))
    check(lib.lambdest_envelope_set_json, env, lib.LAMBDEST_REQUEST_PAYLOAD, b'{"n": 1e+21}', 12)
    return env


def test_build():
    expect(written(build()),
           b'{"version":"1.0","requestContext":{"requestId":"r-1","condition":"Success"},'
           b'"requestPayload":{"n": 1e+21}}')


def test_error():
    try:
        parse(b'{"requestContext":{"condition":5}}')
        sys.exit("python_cffi: a broken text was taken")
    except Failed as failed:
        expect((failed.code, failed.offset, failed.where),
               (lib.LAMBDEST_E_SCHEMA, 31, "requestContext.condition"))


def router_with(deliver):
    router = made_by(lib.lambdest_router_new, "lambdest_router", ffi.NULL)
    sink = ffi.new("lambdest_sink *", {"size": ffi.sizeof("lambdest_sink"), "deliver": deliver})
    check(lib.lambdest_router_add_sink, router, lib.LAMBDEST_ON_SUCCESS, b"only", 4, sink)
    return ffi.gc(router, lib.lambdest_router_free)


def test_pull():
    env, router = build(), router_with(ffi.NULL)
    plan = made_by(lib.lambdest_router_plan, "lambdest_plan", router, env, 0)
    row = lib.lambdest_plan_at(plan, 0)
    expect(counted(lib.lambdest_delivery_body, row), written(env))
    expect(lib.lambdest_delivery_report(row, lib.LAMBDEST_VERDICT_DELIVERED, ffi.NULL, 0), 0)
    expect(lib.lambdest_plan_undelivered(plan), 0)
    lib.lambdest_plan_free(plan)


def test_callbacks():
    seen = []

    @ffi.callback("lambdest_delivery_fn")
    def takes(row, _):
        seen.append(counted(lib.lambdest_delivery_body, row))
        lib.lambdest_delivery_report(row, lib.LAMBDEST_VERDICT_DELIVERED, b"HTTP 200", 8)

    @ffi.callback("lambdest_delivery_fn", onerror=lambda *_: None)
    def raises(row, _):
        raise RuntimeError("a sink that raises")

    for callback, code, wanted in ((takes, 0, lib.LAMBDEST_VERDICT_DELIVERED),
                                   (raises, lib.LAMBDEST_E_PARTIAL, lib.LAMBDEST_VERDICT_NONE)):
        env, router, plan = build(), router_with(callback), ffi.new("lambdest_plan **")
        expect(lib.lambdest_router_dispatch(router, env, 0, plan, ffi.NULL), code)
        row = lib.lambdest_plan_at(plan[0], 0)
        expect(integer(lib.lambdest_delivery_integer, row, lib.LAMBDEST_DELIVERY_VERDICT), wanted)
        lib.lambdest_plan_free(plan[0])
        expect(seen, [written(env)])


expect(lib.lambdest_version() >= 1000, True)
test_parse()
test_build()
test_error()
test_pull()
test_callbacks()
print("ok")
