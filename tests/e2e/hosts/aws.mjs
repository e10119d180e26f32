// A local AWS at one address. Every request's signature is checked. SQS, SNS and S3 are the emulator's; Lambda's
// Invoke and EventBridge's PutEvents are checked as their API references have them, and kept.
import { createServer, request as httpRequest } from 'node:http';
import { verify } from './sigv4.mjs';

export const credentials = { accessKey: 'AKIDLOCAL', secretKey: 'se/cr+et:k=y', token: 'to/ken+=' };

const xml = (code) => `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>m</Message></Error></ErrorResponse>`;
export const answers = {
  json: (status, type) => [status, {}, JSON.stringify({ __type: `com.amazonaws.local#${type}`, message: 'm' })],
  rest: (status, type) => [status, { 'x-amzn-ErrorType': `${type}:http://internal.amazon.com/` }, '{"Type":"User","message":"m"}'],
  xml: (status, code) => [status, { 'content-type': 'text/xml' }, xml(code)],
  entry: (code) => [200, {}, JSON.stringify({ FailedEntryCount: 1, Entries: [{ ErrorCode: code, ErrorMessage: 'm' }] })],
  text: (status, body) => [status, {}, body],
};

function invoke(request, body) {
  const match = /^\/2015-03-31\/functions\/([A-Za-z0-9_-]{1,64})\/invocations(?:\?Qualifier=([A-Za-z0-9_%-]+))?$/.exec(request.url);
  const wanted = { 'x-amz-invocation-type': 'Event', 'content-type': 'application/json' };
  const wrong = Object.keys(wanted).filter((name) => request.headers[name] !== wanted[name]);
  if (!match || request.method !== 'POST' || wrong.length) throw new Error(`no Invoke: ${request.method} ${request.url} ${wrong}`);
  JSON.parse(body);
  return { name: match[1], qualifier: match[2] && decodeURIComponent(match[2]), body, answer: [202, {}, ''] };
}

function putEvents(request, body) {
  const { Entries, ...rest } = JSON.parse(body);
  const wanted = { 'x-amz-target': 'AWSEvents.PutEvents', 'content-type': 'application/x-amz-json-1.1' };
  const wrong = Object.keys(wanted).filter((name) => request.headers[name] !== wanted[name]);
  if (request.method !== 'POST' || request.url !== '/' || wrong.length || Object.keys(rest).length || Entries.length !== 1) {
    throw new Error(`no PutEvents: ${request.method} ${request.url} ${wrong} ${Object.keys(rest)}`);
  }
  JSON.parse(Entries[0].Detail);
  return { name: Entries[0].EventBusName.split('/').pop(), entry: Entries[0],
    answer: [200, {}, JSON.stringify({ FailedEntryCount: 0, Entries: [{ EventId: 'e-1' }] })] };
}

// The queue, topic or bucket that a request for the emulator is about.
function nameOf(service, request, body) {
  if (service === 'sqs') return (JSON.parse(body).QueueUrl || '').split('/').pop();
  if (service === 'sns') return (new URLSearchParams(body.toString()).get('TopicArn') || '').split(':').pop();
  return request.url.split('/')[1];
}

export async function startAws(emulatorPort) {
  const aws = { seen: [], refused: [], atOnce: 0, mostAtOnce: 0, next: {}, delay: 0 };

  // The emulator knows a queue by a host name of its own alone.
  function forward(request, body, response) {
    const text = Buffer.from(body.toString().replace(`{"QueueUrl":"${aws.url}/`,
      `{"QueueUrl":"${aws.url.replace('127.0.0.1', 'sqs.us-east-1.localhost')}/`));
    const onward = httpRequest({ host: '127.0.0.1', port: emulatorPort, method: request.method, path: request.url,
      headers: { ...request.headers, 'content-length': text.length } }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    onward.end(text);
  }

  function serve(request, body, response) {
    const { wrong, service } = verify(request, body, credentials);
    if (wrong) {
      aws.refused.push(wrong);
      return answers.json(403, 'InvalidSignatureException');
    }
    const item = service === 'lambda' ? invoke(request, body) : service === 'events' ? putEvents(request, body)
      : { name: nameOf(service, request, body), body };
    const planned = (aws.next[`${service}:${item.name}`] || []).shift();
    aws.seen.push({ service, item, request, body, planned: planned !== undefined });
    if (planned === 'silence') return null;
    if (planned === 'hang up') return void request.socket.destroy();
    if (planned || item.answer) return planned || item.answer;
    return void forward(request, body, response);
  }

  const server = createServer((request, response) => {
    const parts = [];
    aws.mostAtOnce = Math.max(aws.mostAtOnce, ++aws.atOnce);
    response.on('close', () => aws.atOnce--);
    request.on('data', (part) => parts.push(part)).on('end', async () => {
      let answer;
      if (aws.delay) await new Promise((resolve) => setTimeout(resolve, aws.delay));
      try {
        answer = serve(request, Buffer.concat(parts), response);
      } catch (error) {
        aws.refused.push(error.message);
        answer = answers.json(400, 'ValidationException');
      }
      if (answer) response.writeHead(answer[0], answer[1]).end(answer[2]);
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  aws.url = `http://127.0.0.1:${server.address().port}`;
  aws.of = (service, name) => aws.seen.filter((one) => one.service === service && one.item.name === name);
  aws.stop = () => {
    server.close();
    server.closeAllConnections();
  };
  return aws;
}
