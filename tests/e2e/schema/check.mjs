// The schemas against the library: every record there is, and thousands made wrong on purpose, must be taken or
// refused by both alike. Duplicate members, which a schema cannot see, are not made.
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const [modules, bin] = process.argv.slice(2);
const Ajv = createRequire(join(modules, 'x.js'))('ajv/dist/2020.js').default;
const ajv = new Ajv({ strict: true, allowUnionTypes: true, strictRequired: false });
const schemas = {};
for (const name of ['record', 'batch-record', 'document'])
  schemas[name] = ajv.compile(JSON.parse(readFileSync(`include/lambdest/schema/${name}.schema.json`, 'utf8')));

const taken_by_schema = (value) => Object.keys(schemas).filter((name) => schemas[name](value)).join('+') || 'none';

// Explain takes an array apart: one line for each of its elements.
function taken_by_library(values) {
  const out = spawnSync(join(bin, 'explain'), { input: `[${values.map((v) => JSON.stringify(v)).join(',\n')}]`,
    maxBuffer: 1 << 28 });
  return out.stdout.toString().trim().split('\n').map((text) => {
    const line = JSON.parse(text);
    if (line.error !== undefined) return 'none';
    return line.form === 'record' && line.kind === 'batch' ? 'batch-record' : line.form;
  });
}

const convert = (file, ...args) => {
  const out = spawnSync(join(bin, 'convert'), [...args, file], { maxBuffer: 1 << 28 });
  return out.status === 0 ? [JSON.parse(out.stdout.toString())] : [];
};

const good = [];
for (const file of readdirSync('tests/records').filter((f) => f.endsWith('.json')).map((f) => join('tests/records', f))) {
  good.push(...convert(file, '--to', 'record'), ...convert(file, '--to', 'record', '--compact', '--explicit-error'));
  good.push(...convert(file, '--to', 'document'), ...convert(file, '--to', 'cloudevent').map((e) => e.data));
}

const wrong = [5, -1, 1.5, 1000, 9007199254740992, 'x', null, {}, [], true, { statusCode: 5 }];
const own = ['requestContext', 'responseContext', 'invocationRequest', 'invocationResponse', 'invocationMetadata', 'record',
  'KinesisBatchInfo', 'DDBStreamBatchInfo', 'KafkaBatchInfo', 'recordsInfo', 'recordInfo'];
const names = Object.keys({ ...schemas.record.schema.properties, ...schemas['batch-record'].schema.properties,
  ...schemas.document.schema.properties, context: 0, unknown: 0 });

function* places(value, path = []) {
  for (const name of Object.keys(value)) {
    yield [...path, name];
    if ((own.includes(name) || path.at(-1) === 'recordsInfo') && value[name] && typeof value[name] === 'object' &&
        !Array.isArray(value[name]))
      yield* places(value[name], [...path, name]);
  }
}

function changed(value, path, make) {
  const copy = structuredClone(value);
  let at = copy;
  for (const name of path.slice(0, -1)) at = at[name];
  make(at, path.at(-1));
  return copy;
}

const bad = [];
for (const value of good) {
  for (const path of places(value)) {
    bad.push(changed(value, path, (at, name) => { delete at[name]; }));
    for (const other of wrong) bad.push(changed(value, path, (at, name) => { at[name] = other; }));
  }
  for (const name of names.filter((n) => !(n in value)))
    for (const other of [5, 'x', null, {}]) bad.push(changed(value, [name], (at) => { at[name] = other; }));
}
for (const first of names)
  for (const other of wrong) {
    bad.push({ [first]: other });
    for (const second of names) bad.push({ [first]: {}, [second]: other });
  }

let failed = 0, refused = 0;
const all = [...new Set([...good, ...bad].map((v) => JSON.stringify(v)))].map((text) => JSON.parse(text));
for (const value of good)
  if (taken_by_schema(value) === 'none') { failed++; console.error('refused by every schema:', JSON.stringify(value)); }
for (let from = 0; from < all.length; from += 9000) {
  const part = all.slice(from, from + 9000), library = taken_by_library(part);
  if (library.length !== part.length) throw new Error('explain printed another number of lines');
  part.forEach((value, i) => {
    const schema = taken_by_schema(value);
    refused += library[i] === 'none';
    if (schema === library[i]) return;
    if (++failed <= 10) console.error(`schema: ${schema}, library: ${library[i]}:`, JSON.stringify(value).slice(0, 400));
  });
}
console.log(`schema: ${good.length} records taken, ${all.length} texts compared, ${refused} of them refused, ${failed} differ`);
process.exit(failed || good.length < 50 || refused < 1000 ? 1 : 0);
