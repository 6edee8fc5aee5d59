import { describe, expect, it } from 'vitest';
import { fingerprintLines, htmlLabel, statusUrls, textLabel, type Label } from './label.js';

const FINGERPRINT = Array.from({ length: 32 }, (_, index) => (index + 16).toString(16).toUpperCase()).join(
  ':',
);
const LABEL: Label = {
  gateway: 'lobby',
  urls: ['https://192.0.2.7:8686/', 'https://gw.local:8686/'],
  fingerprint: FINGERPRINT,
  pin: undefined,
  support: 'Desk <4711>',
  serial: 'SN1',
  mac: '02:00:00:00:00:07',
};
const BOX = { hostname: 'gw', addresses: ['2001:db8::7', '192.0.2.7'] };

describe('addresses on the label', () => {
  it('are all of the box, IPv4 first and the name last', () => {
    expect(statusUrls({ host: '0.0.0.0', port: 8686, secure: true }, BOX)).toEqual([
      'https://192.0.2.7:8686/',
      'https://[2001:db8::7]:8686/',
      'https://gw.local:8686/',
    ]);
  });

  it('are the one that the page listens on', () => {
    expect(statusUrls({ host: '192.0.2.9', port: 80, secure: false }, BOX)).toEqual(['http://192.0.2.9:80/']);
  });

  it.each(['127.0.0.1', '::1', 'localhost'])('cannot be those of a page on %s', (host) => {
    expect(() => statusUrls({ host, port: 8686, secure: true }, BOX)).toThrow('set 0.0.0.0');
  });
});

describe('the label', () => {
  it('shows the whole fingerprint in groups of four digits', () => {
    const lines = fingerprintLines(FINGERPRINT);
    expect(lines).toHaveLength(2);
    expect(lines.join(' ').replaceAll(' ', '')).toBe(FINGERPRINT.replaceAll(':', ''));
    expect(lines[0]).toMatch(/^([0-9A-F]{4} ){7}[0-9A-F]{4}$/);
  });

  it.each([
    ['text', textLabel(LABEL), textLabel({ ...LABEL, pin: '246813' })],
    ['html', htmlLabel(LABEL, 1), htmlLabel({ ...LABEL, pin: '246813' }, 1)],
  ])('holds the PIN only when asked (%s)', (_, without, with_) => {
    expect(without).not.toMatch(/246813|Mã PIN<\/b>|Mã PIN:/);
    expect(with_).toContain('246813');
  });

  it('escapes what people wrote, and fills the sheet', () => {
    const sheet = htmlLabel(LABEL, 8);
    expect(sheet).not.toContain('<4711>');
    expect(sheet).toContain('Desk &#60;4711&#62;');
    expect(sheet.match(/class="label"/g)).toHaveLength(8);
  });

  it('says so where the page is not encrypted', () => {
    expect(textLabel({ ...LABEL, fingerprint: undefined })).toContain('Not encrypted');
  });

  it('keeps the name when a box has many addresses', () => {
    const urls = ['a', 'b', 'c', 'gw.local'].map((host) => `https://${host}:8686/`);
    const text = textLabel({ ...LABEL, urls });
    expect(text).toContain('https://gw.local:8686/');
    expect(text).not.toContain('https://c:8686/');
  });
});
