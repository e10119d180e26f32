"""lambdest from Python by cffi, which takes the installed declarations as they are."""
import os

import cffi

ffi = cffi.FFI()
# LAMBDEST_CDEF is `pkg-config --variable=cdef lambdest`.
with open(os.environ["LAMBDEST_CDEF"]) as declarations:
    ffi.cdef(declarations.read())
lib = ffi.dlopen("liblambdest.so.0")


class Failed(Exception):
    def __init__(self, err):
        self.code, self.offset = err.code, err.offset
        self.where, self.message = string(err.where), string(err.message)
        super().__init__(f"{self.message}: byte {self.offset} of {self.where}")


def string(at):
    return ffi.string(at).decode()


def word(value):
    return string(lib.lambdest_name(value))


def check(function, *arguments):
    err = ffi.new("lambdest_error *")
    if function(*arguments, err):
        raise Failed(err)


kept = {}


def made_by(function, kind, free, *arguments, keep=None):
    """What a function with an `out` made, freed by the collector, which knows no order: `keep` holds what the
    object needs until it is freed, as a plan needs its envelope."""
    out = ffi.new(kind + " **")
    check(function, *arguments, out)
    address = int(ffi.cast("uintptr_t", out[0]))
    kept[address] = keep

    def let_go(made):
        free(made)
        kept.pop(address)

    return ffi.gc(out[0], let_go)


def counted(getter, *arguments):
    """A copy of what a getter hands out, which is valid only until its object changes."""
    n = ffi.new("size_t *")
    at = getter(*arguments, n)
    return None if at == ffi.NULL else ffi.buffer(at, n[0])[:]


def text_or_none(getter, *arguments):
    text = counted(getter, *arguments)
    return "none" if text is None else text.decode()


def integer(getter, *arguments):
    value = ffi.new("int64_t *")
    code = getter(*arguments, value)
    return value[0] if code == 0 else word(code)


def parse(text):
    return made_by(lib.lambdest_envelope_parse, "lambdest_envelope", lib.lambdest_envelope_free,
                   text, len(text), ffi.NULL)


def read(path):
    with open(f"tests/{path}.json", "rb") as f:
        return f.read()


def long_text(function, *arguments):
    """Long text is the caller's: copied, then given back to lambdest_free."""
    out, n = ffi.new("char **"), ffi.new("size_t *")
    code = function(*arguments, out, n)
    assert code == 0, word(code)
    text = ffi.buffer(out[0], n[0])[:]
    lib.lambdest_free(out[0])
    return text


def written(env):
    return long_text(lambda out, n: lib.lambdest_envelope_write_alloc(env, 0, 0, out, n, ffi.NULL))


def show(path, env):
    told = (word(getter(env)) for getter in (lib.lambdest_envelope_form, lib.lambdest_envelope_kind,
                                             lib.lambdest_envelope_outcome, lib.lambdest_envelope_cause))
    print(os.path.basename(path) + ": " + ", ".join(told))


def parse_each_kind():
    for path in "records/async-success", "records/async-failure-unhandled-python", "records/kafka-failure":
        env = parse(read(path))
        show(path, env)
        for i in range(lib.lambdest_envelope_range_count(env)):
            at, first = (text_or_none(lib.lambdest_envelope_range_text, env, i, member)
                         for member in (lib.LAMBDEST_RANGE_NAME, lib.LAMBDEST_RANGE_FIRST))
            print(f"range {at} from {first}")
    env = parse(read("ffi/document"))
    show("document", env)
    print("errorType", text_or_none(lib.lambdest_envelope_text, env, lib.LAMBDEST_ERROR_TYPE))
    print("errorMessage", counted(lib.lambdest_envelope_text, env, lib.LAMBDEST_ERROR_MESSAGE).hex())
    print("requestPayload", text_or_none(lib.lambdest_envelope_json, env, lib.LAMBDEST_REQUEST_PAYLOAD))
    print("condition", text_or_none(lib.lambdest_envelope_text, env, lib.LAMBDEST_CONDITION))
    print("statusCode", integer(lib.lambdest_envelope_integer, env, lib.LAMBDEST_STATUS_CODE))
    show("cloudevent", parse(read("ffi/cloudevent")))


def build():
    env = made_by(lib.lambdest_envelope_new, "lambdest_envelope", lib.lambdest_envelope_free, ffi.NULL)
    arn = b"arn:aws:lambda:eu-west-1:111122223333:function:orders"
    for member, text in ((lib.LAMBDEST_REQUEST_ID, "r\0é".encode()), (lib.LAMBDEST_FUNCTION_ARN, arn),
                         (lib.LAMBDEST_CONDITION, b"Success")):
        check(lib.lambdest_envelope_set_text, env, member, text, len(text))
    check(lib.lambdest_envelope_set_integer, env, lib.LAMBDEST_STATUS_CODE, 200)
    check(lib.lambdest_envelope_set_integer, env, lib.LAMBDEST_TIMESTAMP_MS, 1772443498046)
    for member, json in ((lib.LAMBDEST_REQUEST_PAYLOAD, b'{"n": 1e+21}'),
                         (lib.LAMBDEST_RESPONSE_PAYLOAD, b'"\\ud83d"')):
        check(lib.lambdest_envelope_set_json, env, member, json, len(json))
    return env


def fail(env):
    check(lib.lambdest_envelope_set_text, env, lib.LAMBDEST_CONDITION, b"RetriesExhausted", 16)
    check(lib.lambdest_envelope_set_state, env, lib.LAMBDEST_RESPONSE_PAYLOAD, lib.LAMBDEST_ABSENT)
    held = [ffi.from_buffer(frame) for frame in (b"top", b"below")]  # a slice does not hold what it points to
    frames = ffi.new("lambdest_slice[]", [(at, len(at)) for at in held])
    check(lib.lambdest_envelope_set_error, env, b"OutOfStock", 10, b"no shelf", 8, frames, len(frames))


def show_built(env):
    told = (word(getter(env)) for getter in (lib.lambdest_envelope_kind, lib.lambdest_envelope_outcome,
                                             lib.lambdest_envelope_cause))
    print("built", written(env).decode())
    print("built: " + ", ".join(told))


def build_and_classify():
    env = build()
    show_built(env)
    fail(env)
    show_built(env)


def a_broken_text():
    try:
        parse(b'{"requestContext":{"condition":5}}')
    except Failed as f:
        print(f"error {f.code} ({word(f.code)}) at byte {f.offset} of {f.where}: {f.message}")


callbacks = set()


@ffi.callback("void(void *)")
def destroyed(user_data):
    callbacks.remove(user_data)
    print("sink destroyed")


def router_with(deliver):
    """The library cannot keep a callback alive. A handle in user_data does, until `destroy` is called: that
    may be after the router was freed, with its last plan."""
    router = made_by(lib.lambdest_router_new, "lambdest_router", lib.lambdest_router_free, ffi.NULL)
    handle = ffi.new_handle(deliver)
    sink = ffi.new("lambdest_sink *", {"size": ffi.sizeof("lambdest_sink"), "deliver": deliver,
                                       "destroy": destroyed, "user_data": handle})
    when = lib.LAMBDEST_ON_SUCCESS | lib.LAMBDEST_ON_FAILURE
    check(lib.lambdest_router_add_sink, router, when, b"only", 4, sink)
    callbacks.add(handle)
    return router


def plan_of(router, env):
    return made_by(lib.lambdest_router_plan, "lambdest_plan", lib.lambdest_plan_free, router, env, 0,
                   keep=env)


def show_row(step, plan):
    row = lib.lambdest_plan_at(plan, 0)
    sink, detail = (text_or_none(lib.lambdest_delivery_text, row, member)
                    for member in (lib.LAMBDEST_DELIVERY_SINK, lib.LAMBDEST_DELIVERY_DETAIL))
    verdict = word(integer(lib.lambdest_delivery_integer, row, lib.LAMBDEST_DELIVERY_VERDICT))
    print(f"{step} {sink}: {verdict} ({detail}), {lib.lambdest_plan_undelivered(plan)} undelivered")


def let_go(router, plan):
    """Any order of router and plan will do. ffi.release frees now and not by the collector."""
    ffi.release(router)
    print("router freed")
    ffi.release(plan)


def pull():
    env, router = build(), router_with(ffi.NULL)
    plan = plan_of(router, env)
    show_row("pull", plan)
    row = lib.lambdest_plan_at(plan, 0)
    assert counted(lib.lambdest_delivery_body, row) == written(env)
    assert lib.lambdest_delivery_report(row, lib.LAMBDEST_VERDICT_DELIVERED, b"HTTP 200", 8) == 0
    show_row("pull", plan)
    let_go(router, plan)


def dispatch_to_a_callback():
    env = build()

    @ffi.callback("lambdest_delivery_fn")
    def takes(row, user_data):
        if counted(lib.lambdest_delivery_body, row) == written(env):
            print("dispatch only: the record came")
        lib.lambdest_delivery_report(row, lib.LAMBDEST_VERDICT_DELIVERED, b"HTTP 200", 8)

    router = router_with(takes)
    plan = made_by(lib.lambdest_router_dispatch, "lambdest_plan", lib.lambdest_plan_free, router, env, 0,
                   keep=env)
    show_row("dispatch", plan)
    let_go(router, plan)


def a_callback_that_raises():
    """cffi hands the exception to onerror and goes on; the row says that nobody reported."""
    env, raised = build(), []

    @ffi.callback("lambdest_delivery_fn", onerror=lambda kind, value, trace: raised.append(value))
    def raises(row, user_data):
        raise RuntimeError("a sink that raises")

    router = router_with(raises)
    plan = plan_of(router, env)
    assert lib.lambdest_plan_run(plan) == lib.LAMBDEST_E_PARTIAL
    assert len(raised) == 1
    show_row("raise", plan)
    let_go(router, plan)


def unwrap_events():
    for path in "records/sqs-in-lambda-batch-mixed", "records/sns-in-sqs-in-lambda":
        event = read(path)
        items = made_by(lib.lambdest_unwrap, "lambdest_items", lib.lambdest_items_free,
                        event, len(event), ffi.NULL)
        for i in range(lib.lambdest_items_count(items)):
            item = lib.lambdest_items_at(items, i)
            code = lib.lambdest_item_error(item, ffi.NULL)
            says = word(code or lib.lambdest_envelope_outcome(lib.lambdest_item_envelope(item)))
            carrier = text_or_none(lib.lambdest_item_text, item, lib.LAMBDEST_ITEM_CARRIER)
            print(f"item {word(lib.lambdest_item_kind(item))} by {carrier}: {says}")
            if code:
                assert lib.lambdest_items_fail(items, i) == 0
                print("response", long_text(lib.lambdest_items_response, items).decode())


v = lib.lambdest_version()
print(f"version {v // 1000000}.{v // 1000 % 1000}.{v % 1000}")
parse_each_kind()
build_and_classify()
a_broken_text()
pull()
dispatch_to_a_callback()
a_callback_that_raises()
unwrap_events()
