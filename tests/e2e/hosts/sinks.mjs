// deliver: what arrives at five kinds of target is what was sent; and what a target answers becomes the verdict.
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { answers, credentials } from './aws.mjs';
import { record, records, uuid } from './records.mjs';

const account = '000000000000', region = 'us-east-1';
export const arn = (service, name, inRegion = region) => `arn:aws:${service}:${inRegion}:${inRegion && account}:${name}`;
const targets = {
  sqs: arn('sqs', 'plain'), sns: arn('sns', 'topic'), lambda: arn('lambda', 'function:target:$LATEST'),
  events: arn('events', 'event-bus/bus'), s3: arn('s3', 'bucket', '').replace('::', '::'),
};

export const environment = (aws) => ({ PATH: process.env.PATH, AWS_ENDPOINT_URL: aws.url, AWS_REGION: region,
  AWS_ACCESS_KEY_ID: credentials.accessKey, AWS_SECRET_ACCESS_KEY: credentials.secretKey, AWS_SESSION_TOKEN: credentials.token });

export function run(program, args, { env, input = '' } = {}) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { env });
    const out = [], err = [];
    child.stdout.on('data', (part) => out.push(part));
    child.stderr.on('data', (part) => err.push(part));
    child.stdin.on('error', () => {});
    child.stdin.end(input);
    child.on('close', (status, signal) => resolve({ status, signal, out: Buffer.concat(out), err: Buffer.concat(err).toString() }));
  });
}

// The event that EventBridge makes of an entry, the detail as it was given.
function busEvent({ Time, Source, DetailType, Detail, Resources }) {
  const head = { version: '0', id: uuid(), 'detail-type': DetailType, source: Source, account,
    time: new Date(Time * 1000).toISOString().replace('.000', ''), region, resources: Resources };
  return `${JSON.stringify(head).slice(0, -1)},"detail":${Detail}}`;
}

export async function checkSinks({ aws, bin, work, check, receive, emulator }) {
  const file = `${work}/record.json`;
  const unwrapped = async (text) => (await run(`${bin}/convert`, ['--to', 'record'], { input: text })).out;
  const deliver = (args, options = {}) => run(`${bin}/deliver`, args, { env: { ...environment(aws), ...options } });
  const all = Object.values(targets);

  async function arrives(name, bytes, id, failed, mode) {
    const from = aws.seen.length;
    writeFileSync(file, bytes);
    const said = await deliver([...mode, ...all.flatMap((one) => [failed ? '-f' : '-s', one]), ...['-s', '-f'].slice(failed, failed + 1)
      .flatMap((flag) => [flag === '-s' ? '-f' : '-s', arn('sqs', 'unused')]), file]);
    check(`${name}: all delivered`, said.status === 0 && !said.out.length, said.err);
    const lines = said.err.trim().split('\n').sort();
    const wanted = all.map((one) => `${id}: ${failed ? 'failure' : 'success'} ${one}: delivered x1 (HTTP ${one === targets.lambda ? 202 : 200})`).sort();
    check(`${name}: the report`, isDeepStrictEqual(lines, wanted), said.err);
    const sent = aws.seen.slice(from).filter(({ service }) => service === 'lambda' || service === 'events' || service === 's3');
    const [lambda, bus, object] = ['lambda', 'events', 's3'].map((service) => sent.find((one) => one.service === service));
    check(`${name}: one request each`, sent.length === 3 && lambda && bus && object);

    const queued = await receive('plain');
    check(`${name}: the queue's body`, Buffer.from(queued.Messages[0].Body).equals(bytes));
    check(`${name}: out of the queue`, (await unwrapped(JSON.stringify(queued))).equals(bytes));
    check(`${name}: out of the topic's queue`, (await unwrapped(JSON.stringify(await receive('notified')))).equals(bytes));
    check(`${name}: out of the topic, raw`, Buffer.from((await receive('raw')).Messages[0].Body).equals(bytes));
    check(`${name}: invoked with it`, lambda.body.equals(bytes) && lambda.item.name === 'target' && lambda.item.qualifier === '$LATEST');
    check(`${name}: the entry's detail`, Buffer.from(bus.item.entry.Detail).equals(bytes));
    check(`${name}: the entry`, bus.item.entry.Source === 'lambda' && bus.item.entry.EventBusName === targets.events
      && bus.item.entry.DetailType === `Lambda Function Invocation Result - ${failed ? 'Failure' : 'Success'}`
      && bus.item.entry.Resources[0] === targets.events, JSON.stringify({ ...bus.item.entry, Detail: '' }));
    check(`${name}: out of the bus's event`, (await unwrapped(busEvent(bus.item.entry))).equals(bytes.toString().endsWith('\n') ? bytes.subarray(0, -1) : bytes));
    const stored = await fetch(`${emulator}${object.request.url}`);
    check(`${name}: the object`, Buffer.from(await stored.arrayBuffer()).equals(bytes));
    check(`${name}: the object's type`, stored.headers.get('content-type') === 'application/octet-stream');
    return object.request.url;
  }

  for (const mode of [[], ['-1']]) {
    for (const { name, id, failed, text } of records) {
      const key = await arrives(`${name}${mode}`, Buffer.from(text), id, failed ? 1 : 0, mode);
      check(`${name}: the key`, key === `/bucket/aws/lambda/async/orders/2026/03/02/2026-03-02T09.26.04-${id}`, key);
    }
    for (const name of ['kinesis-failure', 'kafka-failure', 'async-failure-unhandled-python']) {
      const bytes = readFileSync(`tests/records/${name}.json`);
      await arrives(`${name}${mode}`, bytes, JSON.parse(bytes).requestContext.requestId, 1, mode);
    }
  }

  // target, what is answered before all is well ([] for ever: as often as asked), verdict, tries, detail
  const plain = (options = {}) => record({ id: uuid(), failed: true, request: '{"a" : 1}', response: '{"errorType":"E","errorMessage":"m"}', ...options });
  const forever = (answer) => Array(9).fill(answer);
  const cases = [
    ['lambda', 'function:f1', [answers.rest(429, 'TooManyRequestsException')], 'delivered', 2, 'HTTP 202'],
    ['lambda', 'function:f2', forever(answers.rest(500, 'ServiceException')), 'retry', 3, 'HTTP 500 ServiceException'],
    ['lambda', 'function:f3', [answers.rest(404, 'ResourceNotFoundException')], 'rejected', 1, 'HTTP 404 ResourceNotFoundException'],
    ['lambda', 'function:f4', ['hang up'], 'delivered', 2, 'HTTP 202'],
    ['lambda', 'function:f5', forever('silence'), 'retry', 2, 'Timeout was reached', ['-t', '200', '-n', '2']],
    ['lambda', 'function:f6', forever(answers.text(301, '')), 'rejected', 1, 'HTTP 301'],
    ['lambda', 'function:f7', ['silence'], 'delivered', 2, 'HTTP 202', ['-t', '200']],
    ['events', 'event-bus/b1', [answers.entry('ThrottlingException')], 'delivered', 2, 'HTTP 200'],
    ['events', 'event-bus/b2', [answers.entry('InternalFailure')], 'delivered', 2, 'HTTP 200'],
    ['events', 'event-bus/b3', [answers.entry('MalformedDetail')], 'rejected', 1, 'HTTP 200 MalformedDetail'],
    ['events', 'event-bus/b4', forever(answers.text(200, '')), 'retry', 3, 'HTTP 502'],
    ['events', 'event-bus/b5', forever(answers.text(200, '{"FailedEntryCount":"0"}')), 'retry', 3, 'HTTP 502'],
    ['events', 'event-bus/b6', [answers.json(400, 'ThrottlingException')], 'delivered', 2, 'HTTP 200'],
    ['sqs', 'no-such-queue', [], 'rejected', 1, 'HTTP 400 QueueDoesNotExist'],
    ['sqs', 'plain', [answers.json(400, 'RequestThrottled')], 'delivered', 2, 'HTTP 200'],
    ['sqs', 'plain', forever(answers.text(503, 'busy')), 'retry', 3, 'HTTP 503'],
    ['sqs', 'plain', [answers.text(408, '')], 'delivered', 2, 'HTTP 200'],
    ['sns', 'no-such-topic', [], 'rejected', 1, 'HTTP 404 NotFound'],
    ['sns', 'topic', [answers.xml(400, 'Throttling')], 'delivered', 2, 'HTTP 200'],
    ['sns', 'topic', [answers.xml(403, 'AuthorizationError')], 'rejected', 1, 'HTTP 403 AuthorizationError'],
    ['s3', 'no-such-bucket', [], 'rejected', 1, 'HTTP 404 NoSuchBucket'],
    ['s3', 'bucket', [answers.xml(503, 'SlowDown')], 'delivered', 2, 'HTTP 200'],
  ];
  for (const mode of [[], ['-1']]) {
    for (const [service, name, planned, verdict, tries, detail, options = []] of cases) {
      const text = plain(), id = JSON.parse(text).requestContext.requestId;
      const target = service === 's3' ? arn('s3', name, '') : arn(service, name);
      aws.next[`${service}:${name.replace(/^.*[:/]/, '')}`] = [...planned];
      writeFileSync(file, text);
      const said = await deliver([...mode, ...options, '-f', target, file]);
      const taken = verdict === 'delivered';
      check(`${service} ${name} ${detail} ${mode}`, said.err.split('\n')[0] === `${id}: failure ${target}: ${verdict} x${tries} (${detail})`, said.err);
      check(`${service} ${name} ${mode}: status and what is left`, said.status === (taken ? 0 : 1)
        && said.out.toString() === (taken ? '' : `${text.replace('{"a" : 1}', '{"a":1}')}\n`), said.out);
      aws.next = {};
    }
  }
  for (const queue of ['plain', 'notified', 'raw']) await receive(queue, 20);
  check('nothing was refused', !aws.refused.length, aws.refused.join('\n'));

  // What never leaves, and what is refused before.
  const lost = async (what, target, env, detail, text = plain()) => {
    writeFileSync(file, text);
    const said = await deliver(['-n', '1', '-f', target, file], env);
    check(what, said.status === 1 && said.err.includes(`failure ${target}: ${detail}`) && JSON.parse(said.out).version === '1.0', said.err);
  };
  await lost('nobody is there', targets.sqs, { AWS_ENDPOINT_URL: 'http://127.0.0.1:1' }, "retry x1 (Couldn't connect to server)");
  await lost('another place for SQS alone', targets.sqs, { AWS_ENDPOINT_URL_SQS: 'http://127.0.0.1:1/' }, "retry x1 (Couldn't connect to server)");
  await lost('a scheme that is none', targets.sqs, { AWS_ENDPOINT_URL: 'gopher://127.0.0.1' }, 'rejected x1 (Unsupported protocol)');
  await lost('another secret', targets.sqs, { AWS_SECRET_ACCESS_KEY: 'x' }, 'rejected x1 (HTTP 403 InvalidSignatureException)');
  await lost('no token', targets.lambda, { AWS_SESSION_TOKEN: '' }, 'rejected x1 (HTTP 403 InvalidSignatureException)');
  await lost('a character SQS refuses', targets.sqs, {}, 'rejected x0', plain({ request: '"\ufffe"' }));
  await lost('too big for a topic', targets.sns, {}, 'too-big x0', plain({ request: JSON.stringify('x'.repeat(262144)) }));
  check('both were refused for the signature', aws.refused.length === 2 && /^the signature is not that of/.test(aws.refused[0])
    && aws.refused[1] === 'the session token is another', aws.refused.join('\n'));
  aws.refused.length = 0;
  for (const bad of [arn('sqs', 'plain.fifo'), 'kafka://topic', 'https://example.com/']) {
    const said = await deliver(['-f', bad, file]);
    check(`${bad} is no target`, said.status === 1 && /^deliver: .+ \(.*\)\n$/.test(said.err), said.err);
  }

  // Many at once, in both ways.
  const many = Array.from({ length: 24 }, () => plain());
  for (const [mode, least, most] of [[[], 2, 8], [['-1'], 1, 1]]) {
    const from = aws.seen.length;
    writeFileSync(file, `[${many.join()}]`);
    aws.mostAtOnce = 0;
    aws.delay = 10;
    const said = await deliver([...mode, '-f', targets.lambda, '-s', targets.lambda, file]);
    aws.delay = 0;
    const bodies = aws.seen.slice(from).map((one) => one.body.toString());
    check(`24 envelopes ${mode}`, said.status === 0 && isDeepStrictEqual(bodies.sort(), [...many].sort()), said.err);
    check(`at the same time ${mode}`, aws.mostAtOnce >= least && aws.mostAtOnce <= most, aws.mostAtOnce);
  }
}
