// The function with two topics: messages of a queue come in, what became of them goes to a topic for successes or to
// one for failures, and a consumer of each topic's queue finds the event again, byte for byte.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { arn, environment, run } from './sinks.mjs';

// What Lambda makes of received messages; its own spacing shows whether the bytes are kept.
function queueEvent(messages) {
  const records = messages.map((message) => JSON.stringify({ messageId: message.MessageId, receiptHandle: message.ReceiptHandle,
    body: message.Body, attributes: message.Attributes, messageAttributes: {}, md5OfBody: message.MD5OfBody, eventSource: 'aws:sqs',
    eventSourceARN: arn('sqs', 'orders'), awsRegion: 'us-east-1' }));
  return `{"Records": [${records.join(', ')}]}`;
}

export async function checkTopics({ aws, bin, work, check, send, take, remove, receive }) {
  const env = { ...environment(aws), ON_SUCCESS: arn('sns', 'orders-succeeded'), ON_FAILURE: arn('sns', 'orders-failed'), _HANDLER: 'orders' };
  const requestOf = async (answer) => (await run(`${bin}/explain`, ['--request'], { input: JSON.stringify(answer) })).out.toString();
  const explained = async (answer) => JSON.parse((await run(`${bin}/explain`, [], { input: JSON.stringify(answer) })).out);
  const file = `${work}/event.json`;

  // Synchronously, as Lambda does for a queue; what the function did not name is taken off the queue.
  async function poll(what, wanted, options = {}) {
    const { Messages } = await take('orders', { VisibilityTimeout: 1, WaitTimeSeconds: 3 });
    check(`${what}: the messages`, Messages && isDeepStrictEqual(Messages.map((one) => one.Body).sort(), [...wanted].sort()), JSON.stringify(Messages));
    const event = queueEvent(Messages);
    writeFileSync(file, event);
    const said = await run(`${bin}/harness`, ['-S', '-o', `${work}/s`, '-f', `${work}/f`, file, '--', `${bin}/runtime`], { env: { ...env, ...options } });
    check(`${what}: the harness`, said.status === 0 && !existsSync(`${work}/s`) && !existsSync(`${work}/f`), said.err);
    const answer = JSON.parse(said.out);
    const failed = new Set((answer.batchItemFailures || []).map((one) => one.itemIdentifier));
    for (const message of Messages) if (answer.batchItemFailures && !failed.has(message.MessageId)) await remove('orders', message);
    return { event, answer, Messages, err: said.err };
  }
  const empty = async (what, queue) => check(`${what}: nothing in ${queue}`, !(await take(queue, { WaitTimeSeconds: 0 })).Messages);

  const good = ['{"order":1,"pieces":2,"note":"a&b=c+d%20 \u{1f600}"}', '{"order":2,"pieces":1e+21}'], bad = '{"order":3,"pieces":0}';
  good[1] = '{"order":12345678901,"pieces":3,"s":"\\ud83d\\ude00"}';
  for (const body of [good[0], bad, good[1]]) await send('orders', body);
  let polled = await poll('three orders', [good[0], bad, good[1]]);
  const failing = polled.Messages.find((one) => one.Body === bad);
  check('three orders: the bad one alone is given back', isDeepStrictEqual(polled.answer, { batchItemFailures: [{ itemIdentifier: failing.MessageId }] }));
  let told = await receive('succeeded');
  let line = await explained(told);
  check('three orders: a success, out of the queue of the topic', line.carrier === 'sqs/sns' && line.outcome === 'success' && line.condition === 'Success'
    && line.attempts === 1 && line.cause === 'returned' && line.functionName === 'harness', JSON.stringify(line));
  check('three orders: the event, byte for byte', (await requestOf(told)) === polled.event);
  const envelope = JSON.parse(JSON.parse(told.Messages[0].Body).Message);
  check('three orders: the answer in the envelope', isDeepStrictEqual(envelope.responsePayload, polled.answer));
  await empty('three orders', 'failed');

  polled = await poll('the bad one again', [bad]);
  check('the bad one again: it is the same message, a second time', polled.Messages[0].MessageId === failing.MessageId
    && polled.Messages[0].Attributes.ApproximateReceiveCount === '2' && polled.answer.batchItemFailures[0].itemIdentifier === failing.MessageId);
  check('the bad one again: the event, byte for byte', (await requestOf(await receive('succeeded'))) === polled.event);
  await receive('orders');

  await send('orders', 'no order & no JSON: caf\u00e9+%');
  polled = await poll('no order', ['no order & no JSON: caf\u00e9+%']);
  check('no order: an error to the caller', polled.answer.errorType === 'Orders.NotAnOrder');
  told = await receive('failed');
  line = await explained(told);
  check('no order: a failure, out of the queue of the other topic', line.carrier === 'sqs/sns' && line.outcome === 'failure' && line.cause === 'raised'
    && line.condition === 'RetriesExhausted' && line.errorType === 'Orders.NotAnOrder' && line.errorMessage === 'a message is no order: "caf\u00e9 & +1%"', JSON.stringify(line));
  check('no order: the event, byte for byte', (await requestOf(told)) === polled.event);
  await empty('no order', 'succeeded');

  // A consumer behind the failure queue, as a function: what to redrive, and the answer to its own queue.
  const message = told.Messages[0];
  const consumed = await run(`${bin}/consumer`, [], { input: queueEvent([{ ...message, Attributes: {} }]) });
  const [redrive, response] = consumed.out.toString().trim().split('\n').map((text) => JSON.parse(text));
  check('a consumer of the failures: what to redrive', redrive.event === polled.event && redrive.cause === 'raised' && redrive.function === 'harness', consumed.out);
  check('a consumer of the failures: all were used', isDeepStrictEqual(response, { batchItemFailures: [] }));
  await new Promise((resolve) => setTimeout(resolve, 1000));
  polled = await poll('no order, with no topics to reach', ['no order & no JSON: caf\u00e9+%'], { AWS_ENDPOINT_URL: 'http://127.0.0.1:1' });
  const logged = JSON.parse(polled.err.split('\n')[0]);
  check('no topic can be reached: the record is in the log', logged.responsePayload.errorType === 'Orders.NotAnOrder'
    && isDeepStrictEqual(logged.requestPayload, JSON.parse(polled.event)), polled.err);
  await empty('no topic can be reached', 'failed');

  // What the service did not take is a failure to the topic as well.
  writeFileSync(file, '{"a": 1}');
  const refused = await run(`${bin}/harness`, ['-S', file, '--', `${bin}/runtime`], { env: { ...env, _HANDLER: 'large' } });
  line = await explained(await receive('failed'));
  check('an answer too large: a failure, to its topic', refused.status === 0 && line.outcome === 'failure' && line.cause === 'response-too-large', JSON.stringify(line));
  await empty('an answer too large', 'succeeded');

  // The same as an asynchronous invocation, where the service tries again and sends the record on.
  for (const one of ['s', 'f']) rmSync(`${work}/${one}`, { force: true });
  writeFileSync(file, polled.event);
  writeFileSync(`${work}/other.json`, queueEvent([{ MessageId: 'm-1', Body: good[0] }]));
  const said = await run(`${bin}/harness`, ['-o', `${work}/s`, '-f', `${work}/f`, file, `${work}/other.json`, '--', `${bin}/runtime`],
    { env: { PATH: process.env.PATH, _HANDLER: 'orders' } });
  check('asynchronously: one of each', said.status === 0, said.err);
  const sent = await run(`${bin}/deliver`, ['-s', env.ON_SUCCESS, '-f', env.ON_FAILURE, `${work}/s`, `${work}/f`], { env });
  check('asynchronously: delivered', sent.status === 0 && !sent.out.length, sent.err);
  for (const [queue, name, outcome, attempts] of [['succeeded', 's', 'success', 1], ['failed', 'f', 'failure', 3]]) {
    told = await receive(queue);
    line = await explained(told);
    check(`asynchronously: ${outcome} after ${attempts}`, line.outcome === outcome && line.attempts === attempts && line.carrier === 'sqs/sns', JSON.stringify(line));
    check(`asynchronously: ${outcome}, byte for byte`, JSON.parse(told.Messages[0].Body).Message === readFileSync(`${work}/${name}`, 'utf8'));
  }
  check('nothing was refused', !aws.refused.length, aws.refused.join('\n'));
}
