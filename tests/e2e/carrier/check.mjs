// Carriers with real clients: records go through a queue and a topic of a local emulator and come back through
// the library byte for byte; and what the library wraps is taken apart by libraries that others wrote.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { isDeepStrictEqual } from 'node:util';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [modules, bin] = process.argv.slice(2);
const require = createRequire(join(modules, 'x.js'));
const load = async (name) => import(pathToFileURL(require.resolve(name)).href);
const esm = async (path) => import(pathToFileURL(join(modules, path)).href);

let passed = 0, failed = 0;
function check(name, ok, detail = '') {
  if (ok) { passed++; return; }
  failed++;
  console.error(`carrier: FAILED: ${name} ${detail}`);
}

function run(program, input, ...args) {
  const out = spawnSync(join(bin, program), args, { input, maxBuffer: 1 << 28 });
  if (out.status !== 0) console.error(`${program} ${args.join(' ')}: ${out.stderr}`);
  return out.stdout;
}
const wrapped = (record, carrier) => JSON.parse(run('convert', record, '--to', carrier).toString());

const files = ['async-success', 'async-failure-unhandled-python', 'async-success-raw-splice', 'async-failure-timeout',
  'kinesis-failure', 'kinesis-partial-batch-failure', 'dynamodb-s3-with-payload', 'kafka-failure'];
const records = files.map((name) => ({ name, bytes: readFileSync(`tests/records/${name}.json`) }));

function expect_back(name, answer, carrier, bytes) {
  const text = JSON.stringify(answer);
  check(`${name}: the same bytes by ${carrier}`, run('convert', text, '--to', 'record').equals(bytes));
  check(`${name}: came by ${carrier}`, JSON.parse(run('explain', text).toString()).carrier === carrier);
}

async function through_the_emulator() {
  const { startFauxqs } = await esm('fauxqs/dist/app.js');
  const { SQSClient, CreateQueueCommand, GetQueueAttributesCommand, SendMessageCommand, ReceiveMessageCommand,
    DeleteMessageCommand } = await load('@aws-sdk/client-sqs');
  const { SNSClient, CreateTopicCommand, SubscribeCommand, PublishCommand } = await load('@aws-sdk/client-sns');
  const server = await startFauxqs({ port: 0, logger: false });
  const config = { endpoint: `http://127.0.0.1:${server.port}`, region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };
  const sqs = new SQSClient(config), sns = new SNSClient(config);

  async function queue(name) {
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: name }));
    const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
    return { url: QueueUrl, arn: Attributes.QueueArn };
  }
  async function receive({ url }) {
    const answer = await sqs.send(new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 1,
      WaitTimeSeconds: 5, MessageAttributeNames: ['All'] }));
    const [message] = answer.Messages;
    await sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: message.ReceiptHandle }));
    return answer;
  }

  try {
    const plain = await queue('plain'), notified = await queue('notified'), raw = await queue('raw');
    const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: 'topic' }));
    await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: notified.arn }));
    await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: raw.arn,
      Attributes: { RawMessageDelivery: 'true' } }));
    for (const { name, bytes } of records) {
      await sqs.send(new SendMessageCommand({ QueueUrl: plain.url, MessageBody: bytes.toString() }));
      await sns.send(new PublishCommand({ TopicArn, Message: bytes.toString() }));
      const answer = await receive(plain);
      expect_back(name, answer, 'sqs', bytes);
      expect_back(name, answer.Messages[0], 'sqs', bytes);
      const ours = wrapped(bytes, 'sqs-event').Records[0];
      check(`${name}: the queue's digest is ours`, answer.Messages[0].MD5OfBody === ours.md5OfBody);
      check(`${name}: the queue's body is ours`, answer.Messages[0].Body === ours.body);
      const notification = await receive(notified);
      expect_back(name, notification, 'sqs/sns', bytes);
      // AWS writes neither of these where there is none; this version of the emulator does.
      const theirs = Object.keys(JSON.parse(notification.Messages[0].Body))
        .filter((member) => member !== 'Subject' && member !== 'MessageAttributes');
      check(`${name}: the topic's members are ours`,
        isDeepStrictEqual(theirs, Object.keys(wrapped(bytes, 'sns-notification'))), theirs.join());
      expect_back(name, await receive(raw), 'sqs', bytes);
    }
    await sqs.send(new SendMessageCommand({ QueueUrl: plain.url, MessageBody: '{"order":1}', MessageAttributes: {
      RequestID: { DataType: 'String', StringValue: 'r-1' }, ErrorCode: { DataType: 'Number', StringValue: '200' } } }));
    const dead = spawnSync(join(bin, 'explain'), { input: JSON.stringify(await receive(plain)) });
    check('a dead letter is told', dead.status === 1 && JSON.parse(dead.stdout.toString()).kind === 'dead-letter');
  } finally {
    sqs.destroy();
    sns.destroy();
    await server.stop();
  }
}

function nested(bytes) {
  const event = wrapped(bytes, 'sqs-event');
  event.Records[0].body = JSON.stringify(wrapped(bytes, 'sns-notification'));
  return event;
}

async function through_powertools() {
  const { z } = await load('zod');
  const { JSONStringified } = await esm('@aws-lambda-powertools/parser/lib/esm/helpers/index.js');
  const envelope = async (file, name) => (await esm(`@aws-lambda-powertools/parser/lib/esm/envelopes/${file}.js`))[name];
  const record = z.object({ requestContext: z.object({ condition: z.string() }).loose() }).loose();
  const sqs = await envelope('sqs', 'SqsEnvelope'), sns = await envelope('sns', 'SnsEnvelope');
  const both = await envelope('sns-sqs', 'SnsSqsEnvelope'), bus = await envelope('eventbridge', 'EventBridgeEnvelope');

  for (const { name, bytes } of records) {
    const expected = JSON.parse(bytes.toString());
    const parsed = (what, make) => {
      try { check(`${name}: ${what}`, isDeepStrictEqual(make(), expected)); } catch (error) { check(`${name}: ${what}`, false, error); }
    };
    parsed('powertools takes our SQS event', () => sqs.parse(wrapped(bytes, 'sqs-event'), JSONStringified(record))[0]);
    parsed('powertools takes our SNS event', () => sns.parse(wrapped(bytes, 'sns-event'), JSONStringified(record))[0]);
    parsed('powertools takes our notification in SQS', () => both.parse(nested(bytes), JSONStringified(record))[0]);
    parsed('powertools takes our EventBridge event', () => bus.parse(wrapped(bytes, 'eventbridge-event'), record));
  }
}

async function through_middy() {
  const { default: middy } = await esm('@middy/core/index.js');
  const { default: eventNormalizer } = await esm('@middy/event-normalizer/index.js');
  const handler = middy().use(eventNormalizer()).handler((event) => event);

  for (const { name, bytes } of records) {
    const expected = JSON.parse(bytes.toString());
    const normal = (event) => handler(event, { getRemainingTimeInMillis: () => 1000 });
    check(`${name}: middy takes our SQS event`, isDeepStrictEqual((await normal(wrapped(bytes, 'sqs-event'))).Records[0].body, expected));
    check(`${name}: middy takes our SNS event`,
      isDeepStrictEqual((await normal(wrapped(bytes, 'sns-event'))).Records[0].Sns.Message, expected));
    check(`${name}: middy takes our notification in SQS`,
      isDeepStrictEqual((await normal(nested(bytes))).Records[0].body.Message, expected));
  }
}

async function through_cloudevents() {
  const { CloudEvent } = await load('cloudevents');

  for (const { name, bytes } of records) {
    const ours = wrapped(bytes, 'cloudevent');
    let event;
    try {
      event = new CloudEvent(ours, true).cloneWith({ traceparent: '00-1', data: ours.data });
      check(`${name}: CloudEvents takes ours`, event.validate() && isDeepStrictEqual(event.data, JSON.parse(bytes.toString())));
    } catch (error) {
      check(`${name}: CloudEvents takes ours`, false, error);
      continue;
    }
    const theirs = JSON.stringify(event), line = JSON.parse(run('explain', theirs).toString());
    check(`${name}: we take theirs`, line.form === 'cloudevent' && line.requestId === ours.id);
    check(`${name}: theirs stays as it is`, run('convert', theirs, '--to', 'cloudevent').toString() === theirs);
    check(`${name}: the record of theirs`, isDeepStrictEqual(JSON.parse(run('convert', theirs, '--to', 'record')), ours.data));
  }
}

await through_the_emulator();
await through_powertools();
await through_middy();
await through_cloudevents();
console.log(`carrier: ${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
