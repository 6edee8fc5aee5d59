import { expect, it } from 'vitest';
import { fits } from './silence-matches.js';

const ALERT = { rule: 'camera-offline', path: 'shop/lobby/door' };

it.each([
  ['its rule everywhere', { rule: 'camera-offline', path: null }, true],
  ['another rule everywhere', { rule: 'camera-frozen', path: null }, false],
  ['its site', { rule: null, path: 'shop' }, true],
  ['its gateway', { rule: null, path: 'shop/lobby' }, true],
  ['itself', { rule: null, path: 'shop/lobby/door' }, true],
  ['its rule at its gateway', { rule: 'camera-offline', path: 'shop/lobby' }, true],
  ['another rule at its gateway', { rule: 'camera-frozen', path: 'shop/lobby' }, false],
  ['a line below it', { rule: null, path: 'shop/lobby/door/main' }, false],
  ['a gateway whose name only begins alike', { rule: null, path: 'shop/lob' }, false],
  ['a camera whose name only begins alike', { rule: null, path: 'shop/lobby/doo' }, false],
  ['another site', { rule: null, path: 'mall' }, false],
])('a silence of %s', (_name, matcher, expected) => {
  expect(fits(matcher, ALERT)).toBe(expected);
});
