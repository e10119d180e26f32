// Records as AWS would leave them, around payloads that a program which parses and prints, or quotes badly, changes.
const emoji = '\u{1f600}';
const long = 'a&b=c+d%20 "\\u00e9" \\\\ caf\u00e9 \u2603 '.replace('"\\u00e9"', '\\u00e9') + emoji;

const payloads = {
  numbers: '{"n":1e+21,"big":12345678901234567890,"negative":-0,"money":1.10,"huge":1E400}',
  surrogates: '{"high":"\\ud83d","low":"\\udc00","turned":"\\ude00\\ud83d","pair":"\\ud83d\\ude00"}',
  duplicates: '{"a":1,"a":2,"a":{"b":[],"b":null}}',
  form: `{"f":"a&b=c+d%20e%zz%;/?:@#!$'()*,[]~ \u00e9\u00df\u2603${emoji}","Message":"&Action=Delete&"}`,
  quoting: '{"q":"\\"\\\\\\/\\b\\f\\n\\r\\t\\u0000\\u001f\\u007f\u007f","h":"<a href=\'x\'>&amp;</a>","l":"\u2028\u2029"}',
  spacing: '{\n\t"b" : 1 ,\r\n  "a":[ ] }\n',
  scalar: '"\u00e9"',
  large: `{"x":"${long.repeat(Math.ceil(100000 / Buffer.byteLength(long)))}"}`,
};

export function record({ id, failed, request, response }) {
  const condition = failed ? '"RetriesExhausted","approximateInvokeCount":3' : '"Success","approximateInvokeCount":1';
  return `{"version":"1.0","timestamp":"2026-03-02T09:26:04.046Z","requestContext":{"requestId":"${id}",`
    + '"functionArn":"arn:aws:lambda:us-east-1:123456789012:function:orders:$LATEST",'
    + `"condition":${condition}},"requestPayload":${request},"responseContext":{"statusCode":200,`
    + `"executedVersion":"$LATEST"${failed ? ',"functionError":"Unhandled"' : ''}},"responsePayload":${response}}`;
}

let number = 0;
export const uuid = () => `00000000-0000-4000-8000-${String(++number).padStart(12, '0')}`;

export const records = Object.entries(payloads).flatMap(([name, payload]) => [false, true].map((failed) => {
  const id = uuid();
  return { name: `${name}, ${failed ? 'failed' : 'succeeded'}`, id, failed, request: payload.trim(),
    text: record({ id, failed, request: payload, response: failed ? `{"errorType":"E","errorMessage":${JSON.stringify(name)},"data":${payload}}` : payload }) };
}));
