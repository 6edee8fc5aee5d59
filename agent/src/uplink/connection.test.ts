import { expect, it } from 'vitest';
import { explainFailure, tlsOptions } from './connection.js';

const url = 'mqtts://collector.example:8883';

function coded(code: string | number): Error {
  return Object.assign(new Error('in the words of a library'), { code });
}

it.each([
  [5, {}, /refused the password of gateway "lobby"; add the gateway again/],
  [5, { certFile: 'a' }, /refused the certificate of gateway "lobby"; ask for an enrolment code/],
  ['ECONNREFUSED', {}, /nothing listens at mqtts:\/\/collector\.example:8883/],
  ['ERR_TLS_CERT_ALTNAME_INVALID', {}, /add the name to tls\.names/],
  ['CERT_HAS_EXPIRED', {}, /check the clock of this gateway/],
  ['SELF_SIGNED_CERT_IN_CHAIN', {}, /was it set up anew\? then enrol again/],
  ['EPROTO', {}, /does not speak TLS/],
  ['SOMETHING_ELSE', {}, /cannot reach .*: in the words of a library/],
])('%s says what to do', (code, tls, words) => {
  expect(explainFailure(coded(code), { url, gateway: 'lobby', tls })).toMatch(words);
});

it('reads nothing for a plain connection, and names a file that is gone', () => {
  expect(tlsOptions({})).toEqual({});
  expect(() => tlsOptions({ certFile: '/nowhere/client.crt' })).toThrow('/nowhere/client.crt');
});
