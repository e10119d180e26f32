// lambdest from Node by koffi.
'use strict';
const fs = require('fs');
const koffi = require('koffi');
const assert = require('assert');

const lib = koffi.load(process.env.LAMBDEST_LIBRARY);

const SUCCESS = 531, ERROR_TYPE = 126, INVOKE_COUNT = 201, RANGE_FIRST = 144;
const REQUEST_ID = 101, CONDITION = 103, REQUEST_PAYLOAD = 301;
const ON_SUCCESS = 1, NONE = 681, DELIVERED = 682, DELIVERY_VERDICT = 283;
const E_SCHEMA = -5, E_PARTIAL = -12;

koffi.struct('lambdest_error', {
    code: 'int32', flags: 'uint32', offset: 'uint64', message: 'const char *', where: 'const char *',
    reserved: koffi.array('uint64', 2),
});
koffi.opaque('lambdest_envelope');
koffi.opaque('lambdest_router');
koffi.opaque('lambdest_plan');
koffi.opaque('lambdest_delivery');
koffi.proto('void lambdest_delivery_fn(lambdest_delivery *row, void *user_data)');
koffi.proto('void lambdest_destroy_fn(void *user_data)');
koffi.struct('lambdest_sink', {
    size: 'uint32', target: 'uint32', form: 'uint32', write_flags: 'uint32', oversize: 'uint32',
    only_cause: 'uint32', max_bytes: 'uint64', deliver: 'lambdest_delivery_fn *',
    flush: 'lambdest_delivery_fn *', close: 'lambdest_delivery_fn *', destroy: 'lambdest_destroy_fn *',
    user_data: 'void *', reserved: 'void *', arn: 'const char *', arn_len: 'size_t',
    only_function: 'const char *', only_function_len: 'size_t', only_condition: 'const char *',
    only_condition_len: 'size_t', overflow: 'const char *', overflow_len: 'size_t',
});

const version = lib.func('uint32 lambdest_version()');
const name = lib.func('const char *lambdest_name(int)');
const parse = lib.func('int lambdest_envelope_parse(const uint8 *, size_t, void *, _Out_ lambdest_envelope **, _Out_ lambdest_error *)');
const create = lib.func('int lambdest_envelope_new(void *, _Out_ lambdest_envelope **, _Out_ lambdest_error *)');
const free = lib.func('void lambdest_envelope_free(lambdest_envelope *)');
const outcome = lib.func('int lambdest_envelope_outcome(lambdest_envelope *)');
const cause = lib.func('int lambdest_envelope_cause(lambdest_envelope *)');
const text = lib.func('void *lambdest_envelope_text(lambdest_envelope *, int, _Out_ size_t *)');
const integer = lib.func('int lambdest_envelope_integer(lambdest_envelope *, int, _Out_ int64_t *)');
const rangeText = lib.func('void *lambdest_envelope_range_text(lambdest_envelope *, size_t, int, _Out_ size_t *)');
const setText = lib.func('int lambdest_envelope_set_text(lambdest_envelope *, int, const uint8 *, size_t, _Out_ lambdest_error *)');
const setJson = lib.func('int lambdest_envelope_set_json(lambdest_envelope *, int, const uint8 *, size_t, _Out_ lambdest_error *)');
const write = lib.func('int lambdest_envelope_write(lambdest_envelope *, int, uint32, _Out_ uint8 *, size_t, _Out_ size_t *, void *)');
const routerNew = lib.func('int lambdest_router_new(void *, _Out_ lambdest_router **, _Out_ lambdest_error *)');
const routerFree = lib.func('void lambdest_router_free(lambdest_router *)');
const addSink = lib.func('int lambdest_router_add_sink(lambdest_router *, uint32, const char *, size_t, lambdest_sink *, _Out_ lambdest_error *)');
const makePlan = lib.func('int lambdest_router_plan(lambdest_router *, lambdest_envelope *, int, _Out_ lambdest_plan **, _Out_ lambdest_error *)');
const runPlan = lib.func('int lambdest_plan_run(lambdest_plan *)');
const planFree = lib.func('void lambdest_plan_free(lambdest_plan *)');
const planAt = lib.func('lambdest_delivery *lambdest_plan_at(lambdest_plan *, size_t)');
const undelivered = lib.func('size_t lambdest_plan_undelivered(lambdest_plan *)');
const body = lib.func('void *lambdest_delivery_body(lambdest_delivery *, _Out_ size_t *)');
const report = lib.func('int lambdest_delivery_report(lambdest_delivery *, int, const uint8 *, size_t)');
const rowInteger = lib.func('int lambdest_delivery_integer(lambdest_delivery *, int, _Out_ int64_t *)');

class Failed extends Error {
    constructor(err) {
        super(`${err.message} at byte ${err.offset} (${err.where})`);
        Object.assign(this, { code: err.code, offset: Number(err.offset), where: err.where });
    }
}

function check(fn, ...args) {
    const err = {};
    if (fn(...args, err) < 0) throw new Failed(err);
}

function madeBy(fn, ...args) {
    const out = [null];
    check(fn, ...args, out);
    return out[0];
}

function counted(getter, ...args) {
    const len = [0];
    const at = getter(...args, len);
    return at === null ? null : Buffer.from(koffi.decode(at, 'uint8', Number(len[0]))).toString();
}

function number(getter, ...args) {
    const out = [0];
    return getter(...args, out) === 0 ? Number(out[0]) : null;
}

function load(record) {
    const bytes = fs.readFileSync(`tests/records/${record}.json`);
    return madeBy(parse, bytes, bytes.length, null);
}

function build() {
    const env = madeBy(create, null);
    for (const [member, value] of [[REQUEST_ID, 'r-1'], [CONDITION, 'Success']])
        check(setText, env, member, Buffer.from(value), value.length);
    check(setJson, env, REQUEST_PAYLOAD, Buffer.from('{"n": 1e+21}'), 12);
    return env;
}

function written(env) {
    const need = [0];
    write(env, 0, 0, null, 0, need, null);
    const buf = Buffer.alloc(Number(need[0]) + 1);
    assert.strictEqual(write(env, 0, 0, buf, buf.length, need, null), 0);
    return buf.toString('utf8', 0, Number(need[0]));
}

function testParse() {
    let env = load('async-success');
    assert.strictEqual(outcome(env), SUCCESS);
    free(env);
    env = load('async-failure-unhandled-python');
    assert.strictEqual(name(cause(env)), 'raised');
    assert.strictEqual(counted(text, env, ERROR_TYPE), 'ZeroDivisionError');
    assert.strictEqual(number(integer, env, INVOKE_COUNT), 3);
    free(env);
    env = load('kafka-failure');
    assert.strictEqual(counted(rangeText, env, 1, RANGE_FIRST), '12');
    free(env);
}

function testBuild() {
    const env = build();
    assert.strictEqual(written(env), '{"version":"1.0","requestContext":{"requestId":"r-1",' +
        '"condition":"Success"},"requestPayload":{"n": 1e+21}}');
    free(env);
}

function testError() {
    const bytes = Buffer.from('{"requestContext":{"condition":5}}');
    assert.throws(() => madeBy(parse, bytes, bytes.length, null),
        { code: E_SCHEMA, offset: 31, where: 'requestContext.condition' });
}

function routerWith(deliver) {
    const router = madeBy(routerNew, null);
    check(addSink, router, ON_SUCCESS, 'only', 4, { size: koffi.sizeof('lambdest_sink'), deliver });
    return router;
}

// Pull is what an event loop wants: send each row in its own time, then report.
async function testPull() {
    const env = build(), router = routerWith(null), plan = madeBy(makePlan, router, env, 0);
    const row = planAt(plan, 0);
    assert.strictEqual(await Promise.resolve(counted(body, row)), written(env));
    assert.strictEqual(report(row, DELIVERED, null, 0), 0);
    assert.strictEqual(Number(undelivered(plan)), 0);
    planFree(plan);
    routerFree(router);
    free(env);
}

// A callback that throws: koffi rethrows after the C call, and the row says that nobody reported.
function testCallbacks() {
    const seen = [];
    const takes = (row) => {
        seen.push(counted(body, row));
        report(row, DELIVERED, Buffer.from('HTTP 200'), 8);
    };
    const throws = () => { throw new Error('a sink that throws'); };
    for (const [fn, code, verdict] of [[takes, 0, DELIVERED], [throws, E_PARTIAL, NONE]]) {
        const deliver = koffi.register(fn, koffi.pointer('lambdest_delivery_fn'));
        const env = build(), router = routerWith(deliver), plan = madeBy(makePlan, router, env, 0);
        let got;
        try {
            got = runPlan(plan);
        } catch (error) {
            assert.strictEqual(error.message, 'a sink that throws');
            got = E_PARTIAL;
        }
        assert.strictEqual(got, code);
        assert.strictEqual(number(rowInteger, planAt(plan, 0), DELIVERY_VERDICT), verdict);
        assert.deepStrictEqual(seen, [written(env)]);
        planFree(plan);
        routerFree(router);
        koffi.unregister(deliver);
        free(env);
    }
}

(async () => {
    assert(version() >= 1000);
    testParse();
    testBuild();
    testError();
    await testPull();
    testCallbacks();
    console.log('ok');
})();
