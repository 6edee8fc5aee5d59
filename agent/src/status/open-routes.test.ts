import { describe, expect, it } from 'vitest';
import { isForeign, isOpen } from './open-routes.js';

describe('routes without a login', () => {
  it.each([
    ['GET', '/healthz', true],
    ['POST', '/api/session', true],
    ['DELETE', '/api/session', false],
    ['GET', '/', false],
    ['GET', '/status', false],
    ['GET', undefined, false],
  ])('%s %s: %s', (method, route, open) => expect(isOpen(method, route)).toBe(open));
});

describe('a request from another site', () => {
  const host = '192.0.2.7:8686';
  it.each([
    ['reading is never one', { method: 'GET', origin: 'https://evil.example', site: 'cross-site' }, false],
    ['a program that says nothing', { method: 'POST' }, false],
    ['the own page', { method: 'PUT', origin: `http://${host}` }, false],
    ['the own page over https', { method: 'PUT', origin: `https://${host}`, site: 'same-origin' }, false],
    ['another site', { method: 'POST', origin: 'https://evil.example' }, true],
    ['another port of the same machine', { method: 'POST', origin: 'http://192.0.2.7:80' }, true],
    ['a hidden origin', { method: 'DELETE', origin: 'null' }, true],
    ['a sibling site that leaves the origin out', { method: 'POST', site: 'same-site' }, true],
  ])('%s', (_, request, foreign) =>
    expect(isForeign({ host, origin: undefined, site: undefined, ...request })).toBe(foreign),
  );
});
