-- lambdest from LuaJIT, whose declarations are the installed ones: `pkg-config --variable=cdef lambdest`.
local ffi = require("ffi")

local function read(path)
    local file = assert(io.open(path, "rb"))
    local text = file:read("*a")
    file:close()
    return text
end

ffi.cdef(read(os.getenv("LAMBDEST_CDEF")))
local lib = ffi.load("liblambdest.so.0")

-- Enumerators come out of `lib` as numbers; values of int32_t too. Those of 64 bits are boxed: tonumber().
local function word(value)
    return ffi.string(lib.lambdest_name(value))
end

local err = ffi.new("lambdest_error")

-- Throws what the library says of a call that failed; the call has `err` as its last argument.
local function check(code)
    if code ~= 0 then
        error({code = code, offset = tonumber(err.offset), where = ffi.string(err.where),
               message = ffi.string(err.message)})
    end
end

-- What a function with an `out` made, freed by the collector. A collector frees in no order, so `keep` holds
-- what the object needs: a plan borrows its envelope.
local kept = setmetatable({}, {__mode = "k"})
local function made(kind, free, call, keep)
    local out = ffi.new(kind .. "*[1]")
    check(call(out))
    local object = ffi.gc(out[0], free)
    kept[object] = keep
    return object
end

-- Frees now and not by the collector.
local function let_go(object, free)
    free(ffi.gc(object, nil))
end

-- A copy of what a getter hands out, which is valid only until its object changes; nil for NULL. A NULL
-- pointer equals nil, but counts as true.
local len = ffi.new("size_t[1]")
local function counted(at)
    return at ~= nil and ffi.string(at, len[0]) or nil
end

local number = ffi.new("int64_t[1]")
local function integer(code)
    return code == 0 and tonumber(number[0]) or word(code)
end

local function parse(text)
    return made("lambdest_envelope", lib.lambdest_envelope_free, function(out)
        return lib.lambdest_envelope_parse(text, #text, nil, out, err)
    end)
end

local function written(env)
    lib.lambdest_envelope_write(env, 0, 0, nil, 0, len, nil)
    local size = len[0] + 1
    local buf = ffi.new("char[?]", size)
    check(lib.lambdest_envelope_write(env, 0, 0, buf, size, len, err))
    return ffi.string(buf, len[0])
end

local function show(name, env)
    print(("%s: %s, %s, %s, %s"):format(name, word(lib.lambdest_envelope_form(env)),
        word(lib.lambdest_envelope_kind(env)), word(lib.lambdest_envelope_outcome(env)),
        word(lib.lambdest_envelope_cause(env))))
end

local function text(env, member)
    return counted(lib.lambdest_envelope_text(env, member, len))
end

local function parse_each_kind()
    for _, name in ipairs({"async-success", "async-failure-unhandled-python", "kafka-failure"}) do
        local env = parse(read("tests/records/" .. name .. ".json"))
        show(name, env)
        for i = 0, tonumber(lib.lambdest_envelope_range_count(env)) - 1 do
            print(("range %s from %s"):format(
                counted(lib.lambdest_envelope_range_text(env, i, lib.LAMBDEST_RANGE_NAME, len)),
                counted(lib.lambdest_envelope_range_text(env, i, lib.LAMBDEST_RANGE_FIRST, len))))
        end
    end
    local env = parse(read("tests/ffi/document.json"))
    show("document", env)
    print("errorType " .. text(env, lib.LAMBDEST_ERROR_TYPE))
    print("errorMessage " .. text(env, lib.LAMBDEST_ERROR_MESSAGE):gsub(".", function(byte)
        return ("%02x"):format(byte:byte())
    end))
    print("requestPayload " .. counted(lib.lambdest_envelope_json(env, lib.LAMBDEST_REQUEST_PAYLOAD, len)))
    print("condition " .. (text(env, lib.LAMBDEST_CONDITION) or "none"))
    print("statusCode " .. integer(lib.lambdest_envelope_integer(env, lib.LAMBDEST_STATUS_CODE, number)))
    show("cloudevent", parse(read("tests/ffi/cloudevent.json")))
end

local function set_text(env, member, value)
    check(lib.lambdest_envelope_set_text(env, member, value, #value, err))
end

local function build()
    local env = made("lambdest_envelope", lib.lambdest_envelope_free, function(out)
        return lib.lambdest_envelope_new(nil, out, err)
    end)
    set_text(env, lib.LAMBDEST_REQUEST_ID, "r\0é")
    set_text(env, lib.LAMBDEST_CONDITION, "Success")
    set_text(env, lib.LAMBDEST_FUNCTION_ARN, "arn:aws:lambda:eu-west-1:111122223333:function:orders")
    check(lib.lambdest_envelope_set_integer(env, lib.LAMBDEST_STATUS_CODE, 200, err))
    check(lib.lambdest_envelope_set_integer(env, lib.LAMBDEST_TIMESTAMP_MS, 1772443498046LL, err))
    for member, json in pairs({[lib.LAMBDEST_REQUEST_PAYLOAD] = '{"n": 1e+21}',
                               [lib.LAMBDEST_RESPONSE_PAYLOAD] = '"\\ud83d"'}) do
        check(lib.lambdest_envelope_set_json(env, member, json, #json, err))
    end
    return env
end

-- The strings behind the slices must be held until the call is over.
local function fail(env)
    local frames = {"top", "below"}
    local slices = ffi.new("lambdest_slice[?]", #frames)
    for i, frame in ipairs(frames) do
        slices[i - 1].data, slices[i - 1].len = frame, #frame
    end
    set_text(env, lib.LAMBDEST_CONDITION, "RetriesExhausted")
    check(lib.lambdest_envelope_set_state(env, lib.LAMBDEST_RESPONSE_PAYLOAD, lib.LAMBDEST_ABSENT, err))
    check(lib.lambdest_envelope_set_error(env, "OutOfStock", 10, "no shelf", 8, slices, #frames, err))
end

local function show_built(env)
    print("built " .. written(env))
    print(("built: %s, %s, %s"):format(word(lib.lambdest_envelope_kind(env)),
        word(lib.lambdest_envelope_outcome(env)), word(lib.lambdest_envelope_cause(env))))
end

local function build_and_classify()
    local env = build()
    show_built(env)
    fail(env)
    show_built(env)
end

local function a_broken_text()
    local taken, failed = pcall(parse, '{"requestContext":{"condition":5}}')
    assert(not taken)
    print(("error %d (%s) at byte %d of %s: %s"):format(failed.code, word(failed.code), failed.offset,
        failed.where, failed.message))
end

-- A callback is one of some hundred slots until free(), which must not be called from within it. So the
-- sink's user_data is its key, and `destroy` frees it: that may be after the router was freed, with its last
-- plan.
local callbacks, last = {}, 0

local destroyed = ffi.cast("void (*)(void *)", function(user_data)
    local key = tonumber(ffi.cast("intptr_t", user_data))
    if callbacks[key] then
        callbacks[key]:free()
        callbacks[key] = nil
    end
    print("sink destroyed")
end)

local function router_with(deliver)
    local router = made("lambdest_router", lib.lambdest_router_free, function(out)
        return lib.lambdest_router_new(nil, out, err)
    end)
    last = last + 1
    callbacks[last] = deliver and ffi.cast("lambdest_delivery_fn", deliver)
    local sink = ffi.new("lambdest_sink", {size = ffi.sizeof("lambdest_sink"), deliver = callbacks[last],
                                           destroy = destroyed, user_data = ffi.cast("void *", last)})
    local when = lib.LAMBDEST_ON_SUCCESS + lib.LAMBDEST_ON_FAILURE
    check(lib.lambdest_router_add_sink(router, when, "only", 4, sink, err))
    return router
end

local function plan_of(router, env)
    return made("lambdest_plan", lib.lambdest_plan_free, function(out)
        return lib.lambdest_router_plan(router, env, 0, out, err)
    end, env)
end

-- What calls back into Lua must not be called from compiled code, which ends the process with "bad callback"
-- once a loop of calls that did not call back has been compiled.
local function run(plan)
    return lib.lambdest_plan_run(plan)
end
jit.off(run)

local function show_row(step, plan)
    local row = lib.lambdest_plan_at(plan, 0)
    print(("%s %s: %s (%s), %d undelivered"):format(step,
        counted(lib.lambdest_delivery_text(row, lib.LAMBDEST_DELIVERY_SINK, len)),
        word(integer(lib.lambdest_delivery_integer(row, lib.LAMBDEST_DELIVERY_VERDICT, number))),
        counted(lib.lambdest_delivery_text(row, lib.LAMBDEST_DELIVERY_DETAIL, len)) or "none",
        tonumber(lib.lambdest_plan_undelivered(plan))))
end

-- Any order of router and plan will do. The second one calls back (`destroy`).
local function finish(router, plan)
    let_go(router, lib.lambdest_router_free)
    print("router freed")
    let_go(plan, lib.lambdest_plan_free)
end
jit.off(finish)
jit.off(let_go)

-- Pull needs no callback. It is what LuaJIT is best at.
local function pull()
    local env, router = build(), router_with(nil)
    local plan = plan_of(router, env)
    show_row("pull", plan)
    local row = lib.lambdest_plan_at(plan, 0)
    assert(counted(lib.lambdest_delivery_body(row, len)) == written(env))
    assert(lib.lambdest_delivery_report(row, lib.LAMBDEST_VERDICT_DELIVERED, "HTTP 200", 8) == 0)
    show_row("pull", plan)
    finish(router, plan)
end

local function dispatch_to_a_callback()
    local env = build()
    local router = router_with(function(row)
        if counted(lib.lambdest_delivery_body(row, len)) == written(env) then
            print("dispatch only: the record came")
        end
        lib.lambdest_delivery_report(row, lib.LAMBDEST_VERDICT_DELIVERED, "HTTP 200", 8)
    end)
    local plan = plan_of(router, env)
    assert(run(plan) == 0)
    show_row("dispatch", plan)
    finish(router, plan)
end

-- An error must not cross the library's frames: LuaJIT unwinds them, and the router answers LAMBDEST_E_BUSY
-- from then on, as if it were still calling. So pcall inside; what raised reports nothing, and the row says
-- so.
local function a_callback_that_raises()
    local env, caught = build(), nil
    local router = router_with(function()
        local _
        _, caught = pcall(error, "a sink that raises", 0)
    end)
    local plan = plan_of(router, env)
    assert(run(plan) == lib.LAMBDEST_E_PARTIAL)
    assert(caught == "a sink that raises")
    show_row("raise", plan)
    finish(router, plan)
end

local function show_item(items, i)
    local item = lib.lambdest_items_at(items, i)
    local code = lib.lambdest_item_error(item, err)
    local envelope = lib.lambdest_item_envelope(item)
    print(("item %s by %s: %s"):format(word(lib.lambdest_item_kind(item)),
        counted(lib.lambdest_item_text(item, lib.LAMBDEST_ITEM_CARRIER, len)),
        word(code ~= 0 and code or lib.lambdest_envelope_outcome(envelope))))
    return code
end

-- Long text is the caller's: copied, then given back to lambdest_free.
local function response(items)
    local out = ffi.new("char *[1]")
    check(lib.lambdest_items_response(items, out, len))
    local answer = ffi.string(out[0], len[0])
    lib.lambdest_free(out[0])
    return answer
end

local function unwrap_events()
    for _, name in ipairs({"sqs-in-lambda-batch-mixed", "sns-in-sqs-in-lambda"}) do
        local event = read("tests/records/" .. name .. ".json")
        local items = made("lambdest_items", lib.lambdest_items_free, function(out)
            return lib.lambdest_unwrap(event, #event, nil, out, err)
        end)
        for i = 0, tonumber(lib.lambdest_items_count(items)) - 1 do
            if show_item(items, i) ~= 0 then
                assert(lib.lambdest_items_fail(items, i) == 0)
                print("response " .. response(items))
            end
        end
    end
end

local version = lib.lambdest_version()
print(("version %d.%d.%d"):format(version / 1000000, version / 1000 % 1000, version % 1000))
parse_each_kind()
build_and_classify()
a_broken_text()
pull()
dispatch_to_a_callback()
a_callback_that_raises()
unwrap_events()
destroyed:free()
