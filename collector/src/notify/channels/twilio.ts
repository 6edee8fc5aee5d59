import type { Channel, Message, Outcome } from '../message.js';
import { wordsOf } from '../template.js';
import { HttpError, outcomeOfError, request } from './http.js';

/** An account at Twilio. */
export interface TwilioOptions {
  readonly accountSid: string;
  /** A secret. */
  readonly authToken: string;
  /** The number that sends and calls, E.164. */
  readonly from: string;
  /** Where receipts and pressed keys come back; none come without it. */
  readonly publicUrl: string | undefined;
  /** Instead of https://api.twilio.com. */
  readonly apiUrl?: string;
}

/** Voices that speak the languages. */
const VOICES = {
  en: { language: 'en-US', voice: 'Polly.Joanna' },
  vi: { language: 'vi-VN', voice: 'Google.vi-VN-Standard-A' },
} as const;
/** How long a call waits for a key (s), and how often it says what it has to say. */
const KEY_S = 10;
const TIMES = 2;
/** Codes of numbers that cannot be reached: twilio.com/docs/api/errors. */
const BAD_NUMBERS = new Set([21_211, 21_214, 21_217, 21_219, 21_401, 21_408, 21_421, 21_610, 21_612, 21_614]);

/** The library is only loaded where it is used: it takes half a second and 20 MB. */
export async function loadTwilio() {
  return (await import('twilio')).default;
}

type Account = ReturnType<Awaited<ReturnType<typeof loadTwilio>>>;

/** SMS by Twilio: the subject and two links and no more, because every part of 160 characters costs. */
export class SmsChannel implements Channel {
  private readonly options: TwilioOptions;

  constructor(options: TwilioOptions) {
    this.options = options;
  }

  send(message: Message, signal: AbortSignal): Promise<Outcome> {
    const { id, address: to, subject, lines, language, kind, ackUrl, runbookUrl } = message;
    const { from, publicUrl } = this.options;
    const words = wordsOf(language);
    const link = (label: string, url: string | undefined) => (url === undefined ? [] : [`${label}: ${url}`]);
    const links = [...link(words.acknowledge, ackUrl), ...link(words.runbook, runbookUrl)];
    const body = [subject, ...(kind === 'verify' ? lines : []), ...links].join('\n');
    const receipts = publicUrl !== undefined && { statusCallback: `${publicUrl}/notify/twilio/status/${id}` };
    return attempt(this.options, signal, async (account) =>
      account.messages.create({ to, from, body, ...receipts }),
    );
  }
}

/** Calls by Twilio: a voice reads the message, key 1 acknowledges it. */
export class VoiceChannel implements Channel {
  private readonly options: TwilioOptions;

  constructor(options: TwilioOptions) {
    this.options = options;
  }

  send(message: Message, signal: AbortSignal): Promise<Outcome> {
    const { id, address: to } = message;
    const { from, publicUrl } = this.options;
    const receipts = publicUrl !== undefined && {
      statusCallback: `${publicUrl}/notify/twilio/status/${id}`,
      statusCallbackEvent: ['answered', 'completed'],
    };
    return attempt(this.options, signal, async (account) =>
      account.calls.create({ to, from, twiml: await spoken(message, publicUrl), ...receipts }),
    );
  }
}

async function spoken(
  { subject, lines, language, token }: Message,
  publicUrl: string | undefined,
): Promise<string> {
  const { twiml } = await loadTwilio();
  const call = new twiml.VoiceResponse();
  const text = [subject, ...lines].join('. ');
  if (token === undefined || publicUrl === undefined) {
    call.say({ ...VOICES[language], loop: TIMES }, text);
    return call.toString();
  }
  for (let times = 0; times < TIMES; times++)
    call
      .gather({ numDigits: 1, timeout: KEY_S, action: `${publicUrl}/notify/twilio/keypad/${token}` })
      .say(VOICES[language], `${text}. ${wordsOf(language).voice.press}`);
  return call.toString();
}

/** TwiML that says one sentence and hangs up. */
export async function sentence(language: Message['language'], text: string): Promise<string> {
  const { twiml } = await loadTwilio();
  const call = new twiml.VoiceResponse();
  call.say(VOICES[language], text);
  return call.toString();
}

/** Ask Twilio's API; its library takes our requests, which know whether they were written. */
async function attempt(
  options: TwilioOptions,
  signal: AbortSignal,
  ask: (account: Account) => Promise<{ sid: string }>,
): Promise<Outcome> {
  const twilio = await loadTwilio();
  const httpClient = new SignalledClient(options.apiUrl, signal);
  try {
    const account = twilio(options.accountSid, options.authToken, { httpClient: httpClient as never });
    const { sid } = await ask(account);
    return { kind: 'ok', status: 201, ref: sid };
  } catch (error) {
    if (error instanceof HttpError) return outcomeOfError(error);
    return outcomeOfRefusal(error as Partial<Refusal> & Error);
  }
}

/** What the library throws for an answer that is no success. */
interface Refusal {
  readonly status: number;
  readonly code: number;
  readonly message: string;
}

function outcomeOfRefusal({ status, code, message }: Partial<Refusal> & Error): Outcome {
  const error = `Twilio answers ${status ?? 'with something else than JSON'}: ${message}`;
  if (status === undefined) return { kind: 'unknown', error };
  if (status === 429 || status >= 500) return { kind: 'temp', status, error };
  return { kind: 'perm', status, error, contactFault: code !== undefined && BAD_NUMBERS.has(code) };
}

/** What the library asks of its HTTP client. */
interface LibraryRequest {
  readonly method: string;
  readonly uri: string;
  readonly username?: string;
  readonly password?: string;
  readonly data?: Readonly<Record<string, string | readonly string[]>>;
}

class SignalledClient {
  private readonly apiUrl: string | undefined;
  private readonly signal: AbortSignal;

  constructor(apiUrl: string | undefined, signal: AbortSignal) {
    this.apiUrl = apiUrl;
    this.signal = signal;
  }

  /** @throws HttpError */
  async request({ method, uri, username = '', password = '', data = {} }: LibraryRequest) {
    const { pathname, search } = new URL(uri);
    const url = this.apiUrl === undefined ? uri : `${this.apiUrl}${pathname}${search}`;
    const form = new URLSearchParams();
    for (const [name, value] of Object.entries(data))
      for (const one of typeof value === 'string' ? [value] : value) form.append(name, one);
    const { status, headers, body } = await request(url, {
      method,
      headers: {
        accept: 'application/json',
        authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: form.toString(),
      signal: this.signal,
    });
    return { statusCode: status, headers, body };
  }
}
