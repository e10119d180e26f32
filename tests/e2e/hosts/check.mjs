// Hosts over libcurl, end to end. Expectations are by hand; signatures are computed anew by sigv4.mjs.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { credentials, startAws } from './aws.mjs';
import { arn, checkSinks } from './sinks.mjs';
import { checkOracle } from './oracle.mjs';
import { checkRuntime } from './runtime.mjs';
import { checkTopics } from './topics.mjs';

const [modules, bin, work] = process.argv.slice(2);
const require = createRequire(join(modules, 'x.js'));
const load = async (name) => import(pathToFileURL(require.resolve(name)).href);
const esm = (path) => import(pathToFileURL(join(modules, path)).href);
const { startFauxqs } = await esm('fauxqs/dist/app.js');
const { INVALID_MESSAGE_BODY_CHAR } = await esm('fauxqs/dist/sqs/sqsTypes.js');
const { SQSClient, CreateQueueCommand, SendMessageCommand, ReceiveMessageCommand, DeleteMessageCommand } = await load('@aws-sdk/client-sqs');
const { SNSClient, CreateTopicCommand, SubscribeCommand } = await load('@aws-sdk/client-sns');

let passed = 0, failed = 0;
function check(name, ok, detail = '') {
  if (ok) { passed++; return; }
  failed++;
  console.error(`hosts: FAILED: ${name}: ${String(detail).slice(0, 2000)}`);
}

async function timed(name, work) {
  const begun = Date.now(), before = passed;
  await work();
  console.log(`hosts: ${name.padEnd(44)} ${String(passed - before).padStart(4)} passed ${String(Date.now() - begun).padStart(6)} ms`);
}

// The emulator (1.9.2, 2.4.1) refuses characters beyond U+FFFF, which SQS takes.
INVALID_MESSAGE_BODY_CHAR.compile('[^\\x09\\x0A\\x0D\\x20-\\uD7FF\\uE000-\\uFFFD\\u{10000}-\\u{10FFFF}]', 'u');
const emulator = await startFauxqs({ port: 0, logger: false });
const aws = await startAws(emulator.port);
const config = { endpoint: aws.url, region: 'us-east-1', credentials: { accessKeyId: credentials.accessKey,
  secretAccessKey: credentials.secretKey, sessionToken: credentials.token } };
const sqs = new SQSClient(config), sns = new SNSClient(config);
const urls = {};

async function queue(name) {
  urls[name] = (await sqs.send(new CreateQueueCommand({ QueueName: name }))).QueueUrl;
}
async function topic(name, ...queues) {
  const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: name }));
  for (const [queueName, raw] of queues) {
    await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: arn('sqs', queueName),
      Attributes: raw ? { RawMessageDelivery: 'true' } : {} }));
  }
}
const remove = (name, message) => sqs.send(new DeleteMessageCommand({ QueueUrl: urls[name], ReceiptHandle: message.ReceiptHandle }));
// One message, taken off; with `drain` all there are, up to so many.
async function receive(name, drain = 0) {
  let answer;
  do {
    answer = await sqs.send(new ReceiveMessageCommand({ QueueUrl: urls[name], MaxNumberOfMessages: 1,
      WaitTimeSeconds: drain ? 0 : 5, MessageAttributeNames: ['All'] }));
    for (const message of answer.Messages || []) await remove(name, message);
  } while (drain && answer.Messages && drain-- > 0);
  return answer;
}

const rig = { aws, bin, work, check, receive, remove, sqs, urls, emulator: `http://127.0.0.1:${emulator.port}`,
  send: (name, body) => sqs.send(new SendMessageCommand({ QueueUrl: urls[name], MessageBody: body })),
  take: (name, options) => sqs.send(new ReceiveMessageCommand({ QueueUrl: urls[name], MaxNumberOfMessages: 10,
    MessageSystemAttributeNames: ['All'], ...options })) };
try {
  for (const name of ['plain', 'notified', 'raw', 'orders', 'succeeded', 'failed']) await queue(name);
  await topic('topic', ['notified', false], ['raw', true]);
  await topic('orders-succeeded', ['succeeded', false]);
  await topic('orders-failed', ['failed', false]);
  await fetch(`${rig.emulator}/bucket`, { method: 'PUT' });
  await timed('the signature check, checked', () => checkOracle(rig));
  await timed('the runtime', () => checkRuntime(rig));
  await timed('a queue in, two topics out', () => checkTopics(rig));
  await timed('sinks for SQS, SNS, Lambda, EventBridge, S3', () => checkSinks(rig));
} finally {
  sqs.destroy();
  sns.destroy();
  aws.stop();
  await emulator.stop();
}
console.log(`hosts: ${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
