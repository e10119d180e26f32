// Runs each handler under the harness and the real client, and compares the record that comes out with what the
// handler did, and with what `explain` says of it. Expectations are by hand.
'use strict';

const { execFileSync, spawnSync } = require('child_process');
const fs = require('fs');
const path = require('path');

const work = path.resolve(process.argv[2]);
const bin = path.resolve(process.env.EXAMPLES);
const handlers = path.join(__dirname, 'handlers');
const client = path.join(work, 'node_modules', '.bin', 'aws-lambda-ric');
const event = { orderId: 'o-1', note: 'caf\u00e9', flag: path.join(work, 'flag') };
const id = '00000000-0000-4000-8000-000000000001';

const exited = (how, options) => ({
  file: 'failure', cause: 'crashed', ...options,
  payload: { errorType: 'Runtime.ExitError', errorMessage: `RequestId: ${id} Error: Runtime exited ${how}` },
});
const raised = (errorType, errorMessage, options) => ({ file: 'failure', cause: 'raised', errorType, errorMessage, ...options });
const returned = (payload, options) => ({ file: 'success', cause: 'returned', payload, ...options });
const deliveryError = {
  statusCode: 400, errorCode: 'InvalidRequestContentException',
  errorMessage: 'The function response payload could not be parsed as JSON.',
};

// Without `condition` and `count`: Success after 1, or RetriesExhausted after 3.
const cases = {
  returns: returned({ ok: true, echo: event }),
  returns_error_object: returned({ errorType: 'Error', errorMessage: 'looks like an error, and was returned' }),
  returns_status_500: returned({ statusCode: 500, body: 'http style' }),
  returns_nothing: returned(null),
  returns_lone_surrogate: returned({ s: '\ud83d' }, { raw: '"responsePayload":{"s":"\\ud83d"}' }),
  throws: raised('OrderRejected', 'caf\u00e9 "quoted"\nno stock'),
  'throws -r 0': raised('OrderRejected', 'caf\u00e9 "quoted"\nno stock', { count: 1 }),
  'throws -a 60': raised('OrderRejected', 'caf\u00e9 "quoted"\nno stock', { condition: 'EventAgeExceeded', count: 1 }),
  'throws -a 90': raised('OrderRejected', 'caf\u00e9 "quoted"\nno stock', { condition: 'EventAgeExceeded', count: 2 }),
  throws_huge: raised('Error', 'x'.repeat(350 * 1024)),
  throws_once: returned('second time', { count: 2 }),
  rejects: raised('TypeError', 'rejected'),
  exits: exited('with error: exit status 3'),
  exits_0: exited('without providing a reason'),
  kills_itself: exited('with error: signal: killed'),
  never_settles: exited('without providing a reason', { count: 1, options: ['-r', '0'] }),
  rejects_unseen: exited('with error: exit status 1', { count: 1, options: ['-r', '0'] }),
  'times_out -r 0 -t 1500': {
    file: 'failure', cause: 'timed-out', count: 1,
    payload: { errorType: 'Sandbox.Timedout', errorMessage: `RequestId: ${id} Error: Task timed out after 1.50 seconds` },
  },
  'too_large -r 0': {
    file: 'failure', cause: 'response-too-large', count: 1,
    payload: {
      errorMessage: 'Response payload size (6291658 bytes) exceeded maximum allowed payload size (6291556 bytes).',
      errorType: 'Function.ResponseSizeTooLarge',
    },
  },
  streams: returned({ part: 1 }),
  streams_text: returned(undefined, { deliveryError }),
  fails_mid_stream: raised('RangeError', 'mid stream caf\u00e9'),
  fails_mid_stream_accented: raised('Caf\u00e9', 'an accent in the name'), // its trailer is Latin-1
  'fails_mid_stream -A': returned(undefined),
  no_such_handler: { file: 'failure', cause: 'init-failed', errorType: 'Runtime.HandlerNotFound' },
  'returns -S': { file: null },
  'throws -S': { file: null },
};

let failed = 0;

function same(what, got, wanted) {
  if (JSON.stringify(got) !== JSON.stringify(wanted)) {
    throw new Error(`${what} is ${JSON.stringify(got)}, not ${JSON.stringify(wanted)}`);
  }
}

function run(name, options) {
  const files = { success: path.join(work, 'success.ndjson'), failure: path.join(work, 'failure.ndjson') };
  Object.values(files).concat(event.flag).forEach((file) => fs.rmSync(file, { force: true }));
  fs.writeFileSync(path.join(work, 'event.json'), JSON.stringify(event));
  const args = [...options, '-o', files.success, '-f', files.failure, path.join(work, 'event.json'), '--', client];
  const result = spawnSync(path.join(bin, 'harness'), args, {
    cwd: handlers, timeout: 60000, env: { ...process.env, _HANDLER: `cases.${name}` }, encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  same('exit status', [result.status, result.signal], [0, null]);
  const lines = (file) => (fs.existsSync(file) ? fs.readFileSync(file, 'utf8').split('\n').slice(0, -1) : []);
  return { success: lines(files.success), failure: lines(files.failure), stdout: result.stdout };
}

function checkRecord(record, text, wanted) {
  const failure = wanted.file === 'failure';
  same('members', Object.keys(record).slice(0, 5),
    ['version', 'timestamp', 'requestContext', 'requestPayload', 'responseContext']);
  same('requestContext', record.requestContext, {
    requestId: id, functionArn: 'arn:aws:lambda:us-east-1:123456789012:function:harness:$LATEST',
    condition: wanted.condition || (failure ? 'RetriesExhausted' : 'Success'),
    approximateInvokeCount: wanted.count || (failure ? 3 : 1),
  });
  same('requestPayload', record.requestPayload, event);
  same('responseContext', record.responseContext, {
    statusCode: 200, executedVersion: '$LATEST', ...(failure ? { functionError: 'Unhandled' } : {}),
  });
  if ('payload' in wanted) same('responsePayload', record.responsePayload, wanted.payload);
  if (wanted.errorType) same('errorType', record.responsePayload.errorType, wanted.errorType);
  if (wanted.errorMessage) same('errorMessage', record.responsePayload.errorMessage, wanted.errorMessage);
  same('deliveryError', record.deliveryError, wanted.deliveryError);
  if (wanted.raw && !text.includes(wanted.raw)) throw new Error(`${wanted.raw} is not in the record`);
}

function checkExplained(record, text, wanted) {
  const said = JSON.parse(execFileSync(path.join(bin, 'explain'), { input: text, encoding: 'utf8' }));
  const error = wanted.file === 'failure' ? { statusCode: 200, ...record.responsePayload } : {};
  same('explain', said, {
    ...said, form: 'record', kind: 'async', outcome: wanted.file, cause: wanted.cause, contradictory: false,
    condition: record.requestContext.condition, requestId: id, functionName: 'harness', qualifier: '$LATEST',
    attempts: record.requestContext.approximateInvokeCount,
    statusCode: error.statusCode === undefined ? null : error.statusCode,
    errorType: error.errorType === undefined ? null : error.errorType,
    errorMessage: error.errorMessage === undefined ? null : error.errorMessage,
  });
}

function checkSynchronous(name, got) {
  const answer = JSON.parse(got.stdout);
  if (name === 'returns') same('answer', answer, cases.returns.payload);
  else same('answer', answer.errorType, cases[name].errorType);
}

for (const [line, wanted] of Object.entries(cases)) {
  const [name, ...options] = line.split(' ');
  const begun = Date.now();
  let verdict = 'ok';
  try {
    const got = run(name, [...options, ...(wanted.options || [])]);
    same('records', [got.success.length, got.failure.length],
      [wanted.file === 'success' ? 1 : 0, wanted.file === 'failure' ? 1 : 0]);
    if (wanted.file) {
      const text = got[wanted.file][0];
      const record = JSON.parse(text);
      checkRecord(record, text, wanted);
      checkExplained(record, text, wanted);
    } else {
      checkSynchronous(name, got);
    }
  } catch (error) {
    failed++;
    verdict = `FAILED: ${error.message.slice(0, 600)}`;
  }
  console.log(`e2e: ${line.padEnd(26)} ${String(Date.now() - begun).padStart(5)} ms  ${verdict}`);
}
console.log(`e2e: ${Object.keys(cases).length - failed} passed, ${failed} failed`);
process.exitCode = failed ? 1 : 0;
