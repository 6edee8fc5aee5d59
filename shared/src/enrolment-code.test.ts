import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { codeFingerprint, formatEnrolmentCode, parseEnrolmentCode } from './index.js';

const fingerprint = codeFingerprint(Buffer.from('a certificate'));

describe('an enrolment code', () => {
  it('carries 80 secret bits and 96 bits of the fingerprint in eight groups of five', () => {
    for (let round = 0; round < 50; round++) {
      const code = formatEnrolmentCode(randomBytes(10), fingerprint);
      expect(code).toMatch(/^([0-9A-HJKMNP-TV-Z]{5}-){7}[0-9A-HJKMNP-TV-Z]{5}$/);
      const read = parseEnrolmentCode(code);
      expect(read.fingerprint).toBe(fingerprint);
      expect(read.secret).toBe(code.replaceAll('-', '').slice(0, 16));
    }
    expect(parseEnrolmentCode(formatEnrolmentCode(Buffer.alloc(10), '0'.repeat(24)))).toEqual({
      secret: '0'.repeat(16),
      fingerprint: '0'.repeat(24),
    });
  });

  it('is read as people type it', () => {
    const code = formatEnrolmentCode(Buffer.alloc(10), fingerprint);
    const typed = ` ${code.toLowerCase().replaceAll('-', ' ').replaceAll('0', 'o').replaceAll('1', 'l')} `;
    expect(parseEnrolmentCode(typed)).toEqual(parseEnrolmentCode(code));
  });

  it('tells a slip of the finger at every place before anybody is contacted', () => {
    const code = formatEnrolmentCode(randomBytes(10), fingerprint);
    for (let index = 0; index < code.length; index++) {
      if (code[index] === '-') continue;
      const other = code[index] === '7' ? '8' : '7';
      const typed = code.slice(0, index) + other + code.slice(index + 1);
      expect(() => parseEnrolmentCode(typed), typed).toThrow('mistyped');
    }
    expect(() => parseEnrolmentCode(code.slice(0, -1))).toThrow(
      'must have 40 letters and digits, this one has 39',
    );
    expect(() => parseEnrolmentCode(`${code.slice(0, -1)}U`)).toThrow('holds "U"');
  });
});
