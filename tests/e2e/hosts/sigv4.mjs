// Signature Version 4, computed anew from a request as it came: what a service does with it, by the AWS
// documentation ("Create a signed AWS API request") and nothing of the client's.
import { createHash, createHmac } from 'node:crypto';

const sha256 = (data) => createHash('sha256').update(data).digest('hex');
const hmac = (key, data) => createHmac('sha256', key).update(data).digest();
const encode = (text) => encodeURIComponent(text)
  .replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

// S3 encodes a path once, all others twice.
function canonicalPath(path, service) {
  return path.split('/').map((part) => (service === 's3' ? encode(decodeURIComponent(part)) : encode(part))).join('/');
}

function canonicalQuery(query) {
  if (!query) return '';
  return query.split('&').map((pair) => {
    const [name, value = ''] = pair.split('=');
    return [encode(decodeURIComponent(name)), encode(decodeURIComponent(value))];
  }).sort(([a, x], [b, y]) => (a < b || (a === b && x < y) ? -1 : 1)).map((pair) => pair.join('=')).join('&');
}

function headerValue(rawHeaders, name) {
  const values = [];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    if (rawHeaders[i].toLowerCase() === name) values.push(rawHeaders[i + 1].trim().replace(/ +/g, ' '));
  }
  return values.join(',');
}

// Why the request would be refused, or '' and what it is signed for.
export function verify(request, body, { accessKey, secretKey, token, now = Date.now() }) {
  const form = /^AWS4-HMAC-SHA256 Credential=([^/, ]+)\/(\d{8})\/([a-z0-9-]+)\/([a-z0-9]+)\/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})$/;
  const match = form.exec(request.headers.authorization || '');
  if (!match) return { wrong: `Authorization is ${request.headers.authorization}` };
  const [, key, day, region, service, list, signature] = match;
  const names = list.split(';');
  const date = request.headers['x-amz-date'] || '';
  const sent = Date.parse(date.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z'));
  const must = ['host', ...Object.keys(request.headers).filter((name) => name.startsWith('x-amz-') || name === 'content-type')];
  const unsigned = must.filter((name) => !names.includes(name) && name !== 'x-amz-user-agent');
  const claimed = request.headers['x-amz-content-sha256'];

  if (key !== accessKey) return { wrong: `the key is ${key}` };
  if (!(Math.abs(now - sent) < 300000) || !date.startsWith(day)) return { wrong: `the date is ${date}` };
  if (unsigned.length) return { wrong: `not signed: ${unsigned}` };
  if (names.join() !== [...names].sort().join()) return { wrong: `not sorted: ${list}` };
  if (request.headers['x-amz-security-token'] !== token) return { wrong: 'the session token is another' };
  if (service === 's3' && !claimed) return { wrong: 'S3 wants x-amz-content-sha256' };
  if (claimed && claimed !== 'UNSIGNED-PAYLOAD' && claimed !== sha256(body)) return { wrong: 'the digest is of another body' };

  const [path, query] = request.url.split(/\?(.*)/s);
  const canonical = [request.method, canonicalPath(path, service), canonicalQuery(query),
    ...names.map((name) => `${name}:${headerValue(request.rawHeaders, name)}`), '', list, claimed || sha256(body)].join('\n');
  const scope = `${day}/${region}/${service}/aws4_request`;
  const signing = [day, region, service, 'aws4_request'].reduce(hmac, `AWS4${secretKey}`);
  const expected = hmac(signing, ['AWS4-HMAC-SHA256', date, scope, sha256(canonical)].join('\n')).toString('hex');
  return { wrong: expected === signature ? '' : `the signature is not that of\n${canonical}`, service, region };
}
