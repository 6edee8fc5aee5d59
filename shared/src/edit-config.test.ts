import { expect, it } from 'vitest';
import { editConfig, peekConfig } from './index.js';

const TEXT = `# by hand
gateway: old # its name
collector:
  url: mqtt://192.0.2.1
  passwordFile: /etc/secret # goes
cameras: [] # stays
`;

it('changes the named fields and keeps comments and everything else', () => {
  const edited = editConfig(TEXT, [
    [['gateway'], 'lobby'],
    [['collector', 'url'], 'mqtts://192.0.2.1:8883'],
    [['collector', 'passwordFile'], undefined],
    [['collector', 'certFile'], '/var/lib/client.crt'],
  ]);
  expect(edited).toBe(`# by hand
gateway: lobby # its name
collector:
  url: mqtts://192.0.2.1:8883
  certFile: /var/lib/client.crt
cameras: [] # stays
`);
});

it('starts from nothing, and refuses what is no map', () => {
  expect(editConfig('', [[['collector', 'url'], 'x']])).toBe('collector:\n  url: x\n');
  expect(() => editConfig('- a\n', [])).toThrow('no YAML map');
  expect(() => editConfig('a: [', [])).toThrow();
});

it('looks into a file that is not complete', () => {
  expect(peekConfig(TEXT, ['collector', 'url'])).toBe('mqtt://192.0.2.1');
  expect(peekConfig(TEXT, ['collector', 'certFile'])).toBeUndefined();
  expect(peekConfig('', ['dataDir'])).toBeUndefined();
});
