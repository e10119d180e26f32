// What checks the signatures must take a published one and those of AWS's own SDK, and refuse each after a change.
import { credentials } from './aws.mjs';
import { verify } from './sigv4.mjs';

// "get-vanilla" of AWS's Signature Version 4 test suite.
const published = {
  method: 'GET', url: '/',
  rawHeaders: ['Host', 'example.amazonaws.com', 'X-Amz-Date', '20150830T123600Z'],
  headers: {
    host: 'example.amazonaws.com', 'x-amz-date': '20150830T123600Z',
    authorization: 'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, '
      + 'SignedHeaders=host;x-amz-date, Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
  },
};
const example = { accessKey: 'AKIDEXAMPLE', secretKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY', token: undefined,
  now: Date.parse('2015-08-30T12:36:00Z') };

export async function checkOracle({ aws, check, send, receive }) {
  const taken = (request, body, how) => verify(request, body, how).wrong;
  check('a published signature', taken(published, '', example) === '', taken(published, '', example));
  check('the same of another path', taken({ ...published, url: '/x' }, '', example) !== '');

  const from = aws.seen.length;
  await send('plain', '{"a":1}');
  await receive('plain');
  check('the SDK is let through', aws.seen.length === from + 3 && !aws.refused.length, aws.refused.join());
  const { request, body } = aws.seen[from];
  const changed = (headers) => ({ ...request, method: request.method, url: request.url, headers: { ...request.headers, ...headers },
    rawHeaders: request.rawHeaders.map((text, i) => headers[(request.rawHeaders[i - 1] || '').toLowerCase()] || text) });
  check('an SDK request', taken(changed({}), body, credentials) === '', taken(changed({}), body, credentials));
  check('another body', taken(changed({}), Buffer.from(body.toString().replace('a', 'b')), credentials) !== '');
  check('another path', taken({ ...changed({}), url: '/?x=1' }, body, credentials) !== '');
  check('another method', taken({ ...changed({}), method: 'PUT' }, body, credentials) !== '');
  check('another target', taken(changed({ 'x-amz-target': 'AmazonSQS.DeleteMessage' }), body, credentials) !== '');
  check('another host', taken(changed({ host: '127.0.0.1' }), body, credentials) !== '');
  check('another token', taken(changed({ 'x-amz-security-token': 'x' }), body, credentials) !== '');
  check('another secret', taken(changed({}), body, { ...credentials, secretKey: 'x' }) !== '');
  check('ten minutes later', taken(changed({}), body, { ...credentials, now: Date.now() + 600000 }) !== '');
}
