// lambdest from Node.js by koffi (npm).
'use strict';
const assert = require('assert');
const fs = require('fs');
const path = require('path');
const koffi = require('koffi');

// Constants, structures and functions come from the installed declarations, `pkg-config --variable=cdef
// lambdest`, which has each on a line. koffi wants to be told what is an output. Text in is a Buffer, whose
// length counts bytes. Text out is an address: read as a JS string it would end at its first NUL byte, and JSON
// has none at its end.
const K = {}, L = {};
const cdef = fs.readFileSync(process.env.LAMBDEST_CDEF, 'utf8');
const lib = koffi.load('liblambdest.so.0');

for (const [, name, value] of cdef.matchAll(/\bLAMBDEST_(\w+) = (-?\d+)/g)) K[name] = Number(value);

function structure(name, members) {
    const type = {};
    for (const line of members.trim().split('\n')) {
        const [, kind, member, count] = line.match(/^ *([^(]*[ *])\(?\*?(\w+)(?:\[(\d+)\])?[;)]/);
        const callback = line.includes('(*') || kind === 'lambdest_delivery_fn ';
        type[member] = callback ? 'void *' : count ? koffi.array(kind.trim(), Number(count)) : kind;
    }
    koffi.struct(name, type);
}

for (const [, name, members] of cdef.matchAll(/^typedef struct (\w+) (?:\{([^}]*)\} )?\1;$/gm)) {
    if (members) structure(name, members);
    else koffi.opaque(name);
}

for (const [, result, name, parameters] of cdef.matchAll(/^(.*)\blambdest_(\w+)\((.*)\);$/gm)) {
    const given = parameters.replace('struct ', '')
        .replace(/\b(size_t|int64_t|uint64_t|int|lambdest_error) \*/g, '_Out_ $1 *')
        .replace(/(?:const )?(\w+) \*\*/g, '_Out_ $1 **').replace(/\bchar \*\*/g, 'void **')
        .replace(/const char \*/g, 'const uint8_t *').replace(/\bchar \*buf/, '_Out_ uint8_t *buf')
        .replace('char *text', 'void *text');
    const got = name === 'name' ? result : result.replace('const char *', 'void *');
    L[name] = lib.func(`${got}lambdest_${name}(${given})`);
}

const word = (value) => L.name(value);

class Failed extends Error {
    constructor(err) {
        super(err.message);
        Object.assign(this, { code: err.code, offset: Number(err.offset), where: err.where });
    }
}

// A call that fails throws what the library says of it.
function check(fn, ...args) {
    const err = {};
    if (fn(...args, err) !== 0) throw new Failed(err);
}

function made(fn, ...args) {
    const out = [null];
    check(fn, ...args, out);
    return out[0];
}

// A copy of what a getter hands out, which is valid only until its object changes; null for NULL.
function bytes(getter, ...args) {
    const len = [0];
    const at = getter(...args, len);
    return at === null ? null : Buffer.from(koffi.decode(at, 'uint8_t', Number(len[0])));
}

function text(getter, ...args) {
    const got = bytes(getter, ...args);
    return got === null ? 'none' : got.toString();
}

function integer(getter, ...args) {
    const out = [0];
    const code = getter(...args, out);
    return code === 0 ? Number(out[0]) : word(code);
}

// Long text is the caller's: copied, then given back to lambdest_free.
function longText(fn, ...args) {
    const out = [null], len = [0];
    assert.strictEqual(fn(...args, out, len), 0);
    const got = Buffer.from(koffi.decode(out[0], 'uint8_t', Number(len[0]))).toString();
    L.free(out[0]);
    return got;
}

function written(env) {
    const need = [0];
    L.envelope_write(env, 0, 0, null, 0, need, null);
    const buf = Buffer.alloc(Number(need[0]) + 1);
    check(L.envelope_write, env, 0, 0, buf, buf.length, need);
    return buf.toString('utf8', 0, Number(need[0]));
}

function read(name) {
    return fs.readFileSync(`tests/${name}.json`);
}

function parse(input) {
    return made(L.envelope_parse, input, input.length, null);
}

function show(name, env) {
    const told = [L.envelope_form, L.envelope_kind, L.envelope_outcome, L.envelope_cause];
    console.log(`${path.basename(name)}: ${told.map((getter) => word(getter(env))).join(', ')}`);
}

function parseEachKind() {
    for (const name of ['async-success', 'async-failure-unhandled-python', 'kafka-failure']) {
        const env = parse(read(`records/${name}`));
        show(name, env);
        for (let i = 0; i < L.envelope_range_count(env); i++) {
            const of = (member) => text(L.envelope_range_text, env, i, member);
            console.log(`range ${of(K.RANGE_NAME)} from ${of(K.RANGE_FIRST)}`);
        }
        L.envelope_free(env);
    }
}

function parseTheOtherForms() {
    let env = parse(read('ffi/document'));
    show('document', env);
    console.log(`errorType ${text(L.envelope_text, env, K.ERROR_TYPE)}`);
    console.log(`errorMessage ${bytes(L.envelope_text, env, K.ERROR_MESSAGE).toString('hex')}`);
    console.log(`requestPayload ${text(L.envelope_json, env, K.REQUEST_PAYLOAD)}`);
    console.log(`condition ${text(L.envelope_text, env, K.CONDITION)}`);
    console.log(`statusCode ${integer(L.envelope_integer, env, K.STATUS_CODE)}`);
    L.envelope_free(env);
    env = parse(read('ffi/cloudevent'));
    show('cloudevent', env);
    L.envelope_free(env);
}

function setText(env, member, value) {
    const input = Buffer.from(value);
    check(L.envelope_set_text, env, K[member], input, input.length);
}

function setJson(env, member, value) {
    const input = Buffer.from(value);
    check(L.envelope_set_json, env, K[member], input, input.length);
}

function build() {
    const env = made(L.envelope_new, null);
    setText(env, 'REQUEST_ID', 'r\0é');
    setText(env, 'CONDITION', 'Success');
    setText(env, 'FUNCTION_ARN', 'arn:aws:lambda:eu-west-1:111122223333:function:orders');
    check(L.envelope_set_integer, env, K.STATUS_CODE, 200);
    check(L.envelope_set_integer, env, K.TIMESTAMP_MS, 1772443498046);
    setJson(env, 'REQUEST_PAYLOAD', '{"n": 1e+21}');
    setJson(env, 'RESPONSE_PAYLOAD', '"\\ud83d"');
    return env;
}

function setError(env, type, message, ...frames) {
    const parts = [type, message].map((part) => Buffer.from(part)).flatMap((part) => [part, part.length]);
    const slices = frames.map((frame) => ({ data: frame, len: Buffer.byteLength(frame) }));
    check(L.envelope_set_error, env, ...parts, slices, slices.length);
}

function showBuilt(env) {
    const told = [L.envelope_kind, L.envelope_outcome, L.envelope_cause];
    console.log(`built ${written(env)}`);
    console.log(`built: ${told.map((getter) => word(getter(env))).join(', ')}`);
}

function buildAndClassify() {
    const env = build();
    showBuilt(env);
    setText(env, 'CONDITION', 'RetriesExhausted');
    check(L.envelope_set_state, env, K.RESPONSE_PAYLOAD, K.ABSENT);
    setError(env, 'OutOfStock', 'no shelf', 'top', 'below');
    showBuilt(env);
    L.envelope_free(env);
}

function aBrokenText() {
    try {
        parse(Buffer.from('{"requestContext":{"condition":5}}'));
    } catch (e) {
        console.log(`error ${e.code} (${word(e.code)}) at byte ${e.offset} of ${e.where}: ${e.message}`);
    }
}

// koffi has some thousand callbacks at most, each until it is unregistered. So the sink's user_data is its
// key, and `destroy` lets it go: that may be after the router was freed, with its last plan.
const callbacks = new Map();
let last = 0;
koffi.proto('void lambdest_delivery_fn(lambdest_delivery *row, void *user_data)');
koffi.proto('void lambdest_destroy_fn(intptr_t user_data)');
const destroyed = koffi.register((key) => {
    const callback = callbacks.get(Number(key));
    if (callback) koffi.unregister(callback);
    callbacks.delete(Number(key));
    console.log('sink destroyed');
}, koffi.pointer('lambdest_destroy_fn'));

function routerWith(fn) {
    const router = made(L.router_new, null);
    const deliver = fn && koffi.register(fn, koffi.pointer('lambdest_delivery_fn'));
    const sink = { size: koffi.sizeof('lambdest_sink'), deliver, destroy: destroyed, user_data: ++last };
    check(L.router_add_sink, router, K.ON_SUCCESS | K.ON_FAILURE, Buffer.from('only'), 4, sink);
    callbacks.set(last, deliver);
    return router;
}

function showRow(step, plan) {
    const row = L.plan_at(plan, 0);
    const [sink, detail] = [K.DELIVERY_SINK, K.DELIVERY_DETAIL].map((m) => text(L.delivery_text, row, m));
    const verdict = word(integer(L.delivery_integer, row, K.DELIVERY_VERDICT));
    console.log(`${step} ${sink}: ${verdict} (${detail}), ${L.plan_undelivered(plan)} undelivered`);
}

// Any order of router and plan will do; the envelope goes after its plan.
function letGo(env, router, plan) {
    L.router_free(router);
    console.log('router freed');
    L.plan_free(plan);
    L.envelope_free(env);
}

// Pull is what an event loop wants: each row is sent in its own time, and reported when that is over.
async function pull() {
    const env = build(), router = routerWith(null), plan = made(L.router_plan, router, env, 0);
    showRow('pull', plan);
    const row = L.plan_at(plan, 0);
    const send = async (body) => assert.strictEqual(body, written(env));
    await send(text(L.delivery_body, row));
    assert.strictEqual(L.delivery_report(row, K.VERDICT_DELIVERED, Buffer.from('HTTP 200'), 8), 0);
    showRow('pull', plan);
    letGo(env, router, plan);
}

function dispatchToACallback() {
    const env = build();
    const router = routerWith((row) => {
        if (text(L.delivery_body, row) === written(env)) console.log('dispatch only: the record came');
        L.delivery_report(row, K.VERDICT_DELIVERED, Buffer.from('HTTP 200'), 8);
    });
    const plan = made(L.router_dispatch, router, env, 0);
    showRow('dispatch', plan);
    letGo(env, router, plan);
}

// What a callback throws, koffi throws again when the call is over, and the call's result and outputs are
// lost: so not lambdest_router_dispatch, whose plan would be. The row says that nobody reported.
function aCallbackThatThrows() {
    const env = build();
    const router = routerWith(() => { throw new Error('a sink that throws'); });
    const plan = made(L.router_plan, router, env, 0);
    assert.throws(() => L.plan_run(plan), { message: 'a sink that throws' });
    showRow('raise', plan);
    letGo(env, router, plan);
}

function showItem(item) {
    const code = L.item_error(item, null);
    const says = word(code || L.envelope_outcome(L.item_envelope(item)));
    console.log(`item ${word(L.item_kind(item))} by ${text(L.item_text, item, K.ITEM_CARRIER)}: ${says}`);
    return code;
}

function unwrapEvents() {
    for (const name of ['sqs-in-lambda-batch-mixed', 'sns-in-sqs-in-lambda']) {
        const event = read(`records/${name}`);
        const items = made(L.unwrap, event, event.length, null);
        for (let i = 0; i < L.items_count(items); i++) {
            if (showItem(L.items_at(items, i)) === 0) continue;
            assert.strictEqual(L.items_fail(items, i), 0);
            console.log(`response ${longText(L.items_response, items)}`);
        }
        L.items_free(items);
    }
}

(async () => {
    const version = L.version(), part = (unit) => Math.trunc(version / unit) % 1000;
    console.log(`version ${part(1000000)}.${part(1000)}.${part(1)}`);
    parseEachKind();
    parseTheOtherForms();
    buildAndClassify();
    aBrokenText();
    await pull();
    dispatchToACallback();
    aCallbackThatThrows();
    unwrapEvents();
})();
