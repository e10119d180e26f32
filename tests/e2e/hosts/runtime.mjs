// The runtime under the harness, and what it says and does on the wire, also when the Runtime API is unfriendly.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { isDeepStrictEqual } from 'node:util';
import { run } from './sinks.mjs';

const id = '00000000-0000-4000-8000-000000000001';
const event = '{"order": 42, "n": 1e+21, "s": "\\ud83d", "big": 12345678901234567890, "a": 1, "a": 2}';
const compact = event.replace(/(["}\d]): /g, '$1:').replace(/, /g, ',');
const accented = 'say "no"\n\u0001 caf\u00e9 \u2603';

const exited = (how) => ({ errorType: 'Runtime.ExitError', errorMessage: `RequestId: ${id} Error: Runtime exited with error: ${how}` });
const posted = (errorType, errorMessage) => ({ errorMessage, errorType, stackTrace: [] });

// What the record must hold: the payload as text for what returned, or as a value for what failed.
const underHarness = {
  'echo': { text: compact },
  'echo_stream': { text: compact },
  'trace': { text: '"Root=1-00000000-000000000000000000000000"' },
  'nothing': {},
  'text': { deliveryError: true },
  'raise': { payload: posted('Order.Rejected caf\u00e9', accented), count: 3, cause: 'raised' },
  'fail_in_stream -r 0': { payload: posted('Order.Cut', event), count: 1, cause: 'raised' },
  'raise_long -r 0': { payload: posted('Order.Long', 'x'.repeat(262144 - '{"errorMessage":"","errorType":"Order.Long","stackTrace":[]}'.length)), count: 1, cause: 'raised' },
  'slow -r 0 -t 600': { payload: posted('Order.TooLate', '200 ms are left'), count: 1, cause: 'raised' },
  'large -r 0': { cause: 'response-too-large', count: 1, payload: {
    errorMessage: 'Response payload size (6291558 bytes) exceeded maximum allowed payload size (6291556 bytes).',
    errorType: 'Function.ResponseSizeTooLarge' } },
  'exit -r 1': { payload: exited('exit status 3'), count: 2, cause: 'crashed' },
  'none_such -r 0': { payload: posted('Runtime.HandlerNotFound', '_HANDLER names no function of this runtime'), count: 1, cause: 'init-failed' },
};

async function checkUnderHarness({ bin, work, check }) {
  const files = { success: `${work}/success.ndjson`, failure: `${work}/failure.ndjson` };
  writeFileSync(`${work}/event.json`, ` ${event}\n`);
  for (const [line, wanted] of Object.entries(underHarness)) {
    const [name, ...options] = line.split(' ');
    Object.values(files).forEach((file) => rmSync(file, { force: true }));
    const said = await run(`${bin}/harness`, [...options, '-o', files.success, '-f', files.failure, `${work}/event.json`, '--', `${bin}/runtime`],
      { env: { PATH: process.env.PATH, _HANDLER: name } });
    const [file, other] = wanted.cause ? ['failure', 'success'] : ['success', 'failure'];
    const text = existsSync(files[file]) ? readFileSync(files[file], 'utf8') : '{}';
    const got = JSON.parse(text);
    check(`${name}: one record, in ${file}`, said.status === 0 && text.endsWith('}\n') && text.split('\n').length === 2 && !existsSync(files[other]), said.err);
    check(`${name}: the event's bytes`, text.includes(`"requestPayload":${compact},"responseContext"`), text.slice(0, 800));
    check(`${name}: the contexts`, isDeepStrictEqual([got.requestContext, got.responseContext], [
      { requestId: id, functionArn: 'arn:aws:lambda:us-east-1:123456789012:function:harness:$LATEST',
        condition: wanted.cause ? 'RetriesExhausted' : 'Success', approximateInvokeCount: wanted.count || 1 },
      { statusCode: 200, executedVersion: '$LATEST', ...(wanted.cause ? { functionError: 'Unhandled' } : {}) }]), text.slice(0, 800));
    const end = wanted.text ? `,"responsePayload":${wanted.text}}\n` : '}\n';
    check(`${name}: the outcome`, wanted.cause ? isDeepStrictEqual(got.responsePayload, wanted.payload)
      : text.endsWith(end) && Boolean(got.deliveryError) === Boolean(wanted.deliveryError) && ('responsePayload' in got) === Boolean(wanted.text), text.slice(-800));
    const explained = JSON.parse((await run(`${bin}/explain`, [], { input: text })).out);
    check(`${name}: explained`, explained.outcome === file && explained.cause === (wanted.cause || 'returned'));
  }
}

// A Runtime API that gives out what `events` holds, keeps what is posted, and then lets the runtime wait.
async function api(events, { status = {} } = {}) {
  const seen = { posts: [], sockets: new Set() };
  const idle = new Promise((resolve) => { seen.isIdle = resolve; });
  const server = createServer((request, response) => {
    const parts = [];
    seen.sockets.add(request.socket);
    request.on('data', (part) => parts.push(part)).on('end', () => {
      const path = request.url.replace('/2018-06-01/runtime/', '');
      if (request.method === 'POST') {
        seen.posts.push({ path, headers: request.headers, body: Buffer.concat(parts), trailers: request.trailers });
        response.writeHead(status[path.split('/').pop()] || 202, { 'content-length': 15 }).end('{"status":"OK"}');
      } else if (path === 'invocation/next' && events.length) {
        events.shift()(response, request.socket);
      } else {
        seen.isIdle();
      }
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { seen, idle, address: `127.0.0.1:${server.address().port}`, stop: () => { server.close(); server.closeAllConnections(); } };
}

const head = (more = {}) => ({ 'Lambda-Runtime-Aws-Request-Id': id, 'Lambda-Runtime-Deadline-Ms': Date.now() + 700,
  'Lambda-Runtime-Invoked-Function-Arn': 'arn:aws:lambda:us-east-1:123456789012:function:f', ...more });
const give = (body, more) => (response) => response.writeHead(200, { ...head(more), 'content-length': Buffer.byteLength(body) }).end(body);

export async function checkRuntime(rig) {
  const { bin, check } = rig;
  await checkUnderHarness(rig);

  // Runs until the runtime ends, or waits for an event that does not come; then it is told to end.
  async function against(events, handler, options = {}) {
    const service = await api(events, options);
    const child = spawn(`${bin}/runtime`, [], { env: { PATH: process.env.PATH, _HANDLER: handler, AWS_LAMBDA_RUNTIME_API: options.address || service.address } });
    const err = [];
    child.stderr.on('data', (part) => err.push(part));
    const late = setTimeout(() => child.kill('SIGKILL'), 10000);
    const ended = new Promise((resolve) => child.on('close', (status, signal) => resolve({ status, signal })));
    const end = options.whileIn ? new Promise((resolve) => setTimeout(resolve, options.whileIn)) : service.idle;
    const first = await Promise.race([ended, end.then(() => null)]);
    const told = Date.now();
    if (!first) child.kill('SIGTERM');
    const how = await ended;
    clearTimeout(late);
    service.stop();
    return { ...service.seen, ...how, told: !first, took: Date.now() - told, err: Buffer.concat(err).toString() };
  }
  const stopped = (got) => got.told && got.status === 0 && got.signal === null && got.took < 1500;
  const died = (got, why) => !got.told && got.status === 1 && got.err === `runtime: ${why}\n`;

  let got = await against([give('{}'), give('[1]'), give('"2"')], 'echo');
  check('SIGTERM ends the wait for an event', stopped(got), `${got.status} ${got.took} ${got.err}`);
  check('three answers in order', isDeepStrictEqual(got.posts.map((one) => `${one.path} ${one.body}`), [
    `invocation/${id}/response {}`, `invocation/${id}/response [1]`, `invocation/${id}/response "2"`]));
  check('on one connection', got.sockets.size === 1, got.sockets.size);
  got = await against([give('{}', { connection: 'close' }), give('[1]')], 'echo');
  check('on another when that is closed', stopped(got) && got.posts.length === 2, got.err);

  got = await against([give('{}')], 'slow', { whileIn: 200 });
  check('SIGTERM inside a function: it is answered first', stopped(got) && got.posts.length === 1 && got.posts[0].path.endsWith('/error'), got.err);

  const large = JSON.stringify('x'.repeat(6 * 1024 * 1024 - 2));
  got = await against([(response) => {
    response.writeHead(200, head());
    for (let at = 0; at < large.length; at += 100000) response.write(large.slice(at, at + 100000));
    response.end();
  }, give(large)], 'echo');
  check('events of 6 MiB, in chunks and at once', stopped(got) && got.posts.length === 2 && got.posts.every((one) => one.body.toString() === large
    && one.headers['content-length'] === String(large.length) && one.headers['content-type'] === 'application/json' && !('expect' in one.headers)), got.err);

  got = await against([give(event)], 'echo_stream');
  check('a stream goes out in chunks', stopped(got) && got.posts[0].body.toString() === event && got.posts[0].headers['transfer-encoding'] === 'chunked'
    && got.posts[0].headers['lambda-runtime-function-response-mode'] === 'streaming' && !('content-length' in got.posts[0].headers), got.err);
  const cut = ['"caf\u00e9"', '"caf\u00e9s"', '"\u2603 caf\u00e9s"', event];
  got = await against(cut.map((one) => give(one)), 'fail_in_stream');
  check('errors in streams: four', stopped(got) && got.posts.length === 4, got.err);
  got.posts.forEach(({ path, body, trailers }, i) => {
    const encoded = trailers['lambda-runtime-function-error-body'] || '';
    check('an error in a stream comes in trailers', path.endsWith('/response') && body.toString() === cut[i]
      && trailers['lambda-runtime-function-error-type'] === 'Order.Cut' && isDeepStrictEqual(Buffer.from(encoded, 'base64').toString('base64'), encoded)
      && Buffer.from(encoded, 'base64').toString() === JSON.stringify(posted('Order.Cut', cut[i])), JSON.stringify(trailers));
  });

  got = await against([give(event)], 'raise');
  const [error] = got.posts, cause = error.headers['lambda-runtime-function-xray-error-cause'];
  check('an error: path, type, body', error.path === `invocation/${id}/error` && error.headers['lambda-runtime-function-error-type'] === 'Order.Rejected?caf?'
    && isDeepStrictEqual(JSON.parse(error.body), posted('Order.Rejected caf\u00e9', accented)), `${JSON.stringify(error.headers)} ${error.body}`);
  check('an error: its cause for X-Ray', /^[ -~]+$/.test(cause) && isDeepStrictEqual(JSON.parse(cause), { working_directory: process.cwd(),
    exceptions: [{ type: 'Order.Rejected caf\u00e9', message: accented, stack: [] }], paths: [] }), cause);
  got = await against([give(event)], 'raise_long');
  check('a long error: no cause, a body within the limit', !('lambda-runtime-function-xray-error-cause' in got.posts[0].headers)
    && got.posts[0].body.length === 262144, got.posts[0].body.length);
  got = await against([], 'none_such');
  check('no such function: init/error', !got.told && got.status === 1 && got.posts.length === 1 && got.posts[0].path === 'init/error'
    && got.posts[0].headers['lambda-runtime-function-error-type'] === 'Runtime.HandlerNotFound'
    && JSON.parse(got.posts[0].body).errorType === 'Runtime.HandlerNotFound', got.err);

  got = await against([give('{}'), give('{}')], 'large', { status: { response: 413 } });
  check('413: told, no /error after it, and the next event', stopped(got) && got.posts.map((one) => one.path).join() === `invocation/${id}/response,invocation/${id}/response`
    && got.err === `runtime: invocation/${id}/response: HTTP 413\n`.repeat(2), got.err);
  got = await against([give('{}')], 'raise', { status: { error: 403 } });
  check('403: told', stopped(got) && got.err === `runtime: invocation/${id}/error: HTTP 403\n`, got.err);
  got = await against([give('{}')], 'echo', { status: { response: 500 } });
  check('500: it ends', died(got, `invocation/${id}/response: the service is broken`), got.err);
  for (const status of [403, 500]) {
    got = await against([(response) => response.writeHead(status).end('{}')], 'echo');
    check(`no event, ${status}: it ends`, died(got, 'invocation/next: the service has no events for this runtime'), got.err);
  }

  got = await against([], 'echo', { address: '127.0.0.1:1' });
  check('nobody is there', died(got, "invocation/next: Couldn't connect to server"), got.err);
  got = await against([(response, socket) => socket.end('HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: r\r\nContent-Length: 9\r\n\r\n{"a"')], 'echo');
  check('an event that is cut', died(got, 'invocation/next: Transferred a partial file'), got.err);
  got = await against([(response, socket) => socket.end('HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: r\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{"a"')], 'echo');
  check('an event that is cut in a chunk', !got.told && got.status === 1 && got.err.startsWith('runtime: invocation/next: '), got.err);
  got = await against([give('{', {})], 'echo');
  check('an event that is no JSON', !got.told && got.status === 1 && got.err.startsWith('runtime: body: '), got.err);
  got = await against([(response) => response.writeHead(200).end('{}')], 'echo');
  check('an event without a request id', !got.told && got.status === 1 && got.err.startsWith('runtime: Lambda-Runtime-Aws-Request-Id: '), got.err);
  got = await against([give('x'.repeat(8 * 1024 * 1024 + 1))], 'echo');
  check('an event without end', !got.told && got.status === 1 && got.err.startsWith('runtime: invocation/next: '), got.err);
}
