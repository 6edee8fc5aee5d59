import { createHash } from 'node:crypto';

/** Bytes of the parts of a code; together 25, which are 40 letters and digits without a rest. */
const SECRET_BYTES = 10;
const FINGERPRINT_BYTES = 12;
const CHECK_BYTES = 3;
const BITS_PER_SYMBOL = 5;
const GROUP = 5;
/** Crockford's base 32: no I, L, O and U, which people mistake for 1, 0 and V. */
const SYMBOLS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const MISREAD: Record<string, string> = { I: '1', L: '1', O: '0' };

/** What a technician carries from the collector to a gateway. */
export interface EnrolmentCode {
  /** One-time secret, 80 random bits as 16 symbols. Sent to the collector only after it has proved who it is. */
  readonly secret: string;
  /** First 96 bits of the SHA-256 of the DER of the root certificate that the collector answers with, in hex. */
  readonly fingerprint: string;
}

/** An enrolment code cannot be used; the message says why. */
export class EnrolmentCodeError extends Error {
  override readonly name = 'EnrolmentCodeError';
  readonly code = 'ENROLMENT_CODE_INVALID';
}

/** The part of a certificate's fingerprint that a code holds. @param der the certificate */
export function codeFingerprint(der: Uint8Array): string {
  return createHash('sha256').update(der).digest().subarray(0, FINGERPRINT_BYTES).toString('hex');
}

/**
 * Write a code: secret, fingerprint and 24 check bits, as eight groups of five symbols.
 * @param secretBytes 10 random bytes
 * @param fingerprint of {@link codeFingerprint}
 */
export function formatEnrolmentCode(secretBytes: Uint8Array, fingerprint: string): string {
  const body = Buffer.concat([secretBytes, Buffer.from(fingerprint, 'hex')]);
  if (body.length !== SECRET_BYTES + FINGERPRINT_BYTES) throw new RangeError('wrong length of a code');
  const symbols = encode(Buffer.concat([body, checkOf(body)]));
  return symbols.match(new RegExp(`.{${GROUP}}`, 'g'))?.join('-') ?? '';
}

/**
 * Read a code as a person typed it: any case, with or without hyphens and spaces, O for 0, I or L for 1.
 * @throws EnrolmentCodeError for a code that was mistyped; nobody is contacted with it
 */
export function parseEnrolmentCode(text: string): EnrolmentCode {
  const symbols = text
    .toUpperCase()
    .replace(/[\s-]/g, '')
    .replace(/[ILO]/g, (one) => MISREAD[one] ?? one);
  const length = ((SECRET_BYTES + FINGERPRINT_BYTES + CHECK_BYTES) * 8) / BITS_PER_SYMBOL;
  if (symbols.length !== length) {
    throw new EnrolmentCodeError(
      `the enrolment code must have ${length} letters and digits, this one has ${symbols.length}`,
    );
  }
  const bytes = decode(symbols);
  const body = bytes.subarray(0, SECRET_BYTES + FINGERPRINT_BYTES);
  if (!bytes.subarray(body.length).equals(checkOf(body)))
    throw new EnrolmentCodeError('the enrolment code is mistyped; compare it letter by letter');
  return {
    secret: encode(body.subarray(0, SECRET_BYTES)),
    fingerprint: body.subarray(SECRET_BYTES).toString('hex'),
  };
}

function checkOf(body: Uint8Array): Buffer {
  return createHash('sha256').update(body).digest().subarray(0, CHECK_BYTES);
}

function encode(bytes: Uint8Array): string {
  let bits = BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
  let text = '';
  for (let index = 0; index < (bytes.length * 8) / BITS_PER_SYMBOL; index++) {
    text = (SYMBOLS[Number(bits & 31n)] ?? '') + text;
    bits >>= BigInt(BITS_PER_SYMBOL);
  }
  return text;
}

function decode(symbols: string): Buffer {
  let bits = 0n;
  for (const symbol of symbols) {
    const value = SYMBOLS.indexOf(symbol);
    if (value < 0)
      throw new EnrolmentCodeError(`the enrolment code holds "${symbol}", which no code has; look again`);
    bits = (bits << BigInt(BITS_PER_SYMBOL)) | BigInt(value);
  }
  return Buffer.from(bits.toString(16).padStart((symbols.length * BITS_PER_SYMBOL) / 4, '0'), 'hex');
}
