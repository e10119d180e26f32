// What functions do: each export is a handler, and its name says how it ends.
'use strict';

exports.returns = async (event) => ({ ok: true, echo: event });
exports.returns_error_object = async () => ({ errorType: 'Error', errorMessage: 'looks like an error, and was returned' });
exports.returns_status_500 = async () => ({ statusCode: 500, body: 'http style' });
exports.returns_nothing = async () => {};
exports.returns_lone_surrogate = async () => ({ s: '\ud83d' });
exports.throws = async () => {
  const error = new Error('caf\u00e9 "quoted"\nno stock');
  error.name = 'OrderRejected';
  throw error;
};
exports.throws_huge = async () => {
  throw new Error('x'.repeat(350 * 1024));
};
exports.rejects = () => Promise.reject(new TypeError('rejected'));
exports.throws_once = async (event) => {
  const fs = require('fs');
  if (fs.existsSync(event.flag)) return 'second time';
  fs.writeFileSync(event.flag, '');
  throw new Error('first time');
};
exports.exits = async () => process.exit(3);
exports.exits_0 = async () => process.exit(0);
exports.kills_itself = async () => process.kill(process.pid, 'SIGKILL');
exports.times_out = async () => new Promise((resolve) => setTimeout(resolve, 60000));
exports.never_settles = async () => new Promise(() => {});
exports.rejects_unseen = async () => {
  Promise.reject(new Error('unseen'));
  return new Promise((resolve) => setTimeout(resolve, 60000));
};
exports.too_large = async () => 'x'.repeat(6 * 1024 * 1024 + 200);
exports.streams = awslambda.streamifyResponse(async (event, stream) => {
  stream.write('{"part":');
  stream.write('1}');
  stream.end();
});
exports.streams_text = awslambda.streamifyResponse(async (event, stream) => {
  stream.write('no JSON');
  stream.end();
});
exports.fails_mid_stream = awslambda.streamifyResponse(async (event, stream) => {
  stream.write('part1,');
  await new Promise((resolve) => setTimeout(resolve, 50));
  throw new RangeError('mid stream caf\u00e9');
});
exports.fails_mid_stream_accented = awslambda.streamifyResponse(async (event, stream) => {
  stream.write('part1,');
  const error = new Error('an accent in the name');
  error.name = 'Caf\u00e9';
  throw error;
});
