import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { StreamInfo } from '../camera/frame.js';
import { ProbeError } from '../decoder/probe.js';
import { streamAdvice, USUAL_NEED, type StreamAdvice } from '../decoder/stream-advice.js';
import type { DeviceStreams, FoundDevice } from '../discovery/answers.js';
import { DeviceError } from '../discovery/onvif.js';
import type { TypedLogin } from '../discovery/worker-messages.js';
import { problem } from './problem.js';

/** Finds cameras in the networks of this machine and looks at them. */
export interface Discovery {
  find(signal: AbortSignal): Promise<readonly FoundDevice[]>;
  /** @throws DeviceError */
  streams(service: string, login: TypedLogin | undefined, signal: AbortSignal): Promise<DeviceStreams>;
  /** @throws ProbeError */
  probe(url: string, login: TypedLogin | undefined): Promise<StreamInfo>;
}

/** What a stream sends and what should be set differently at its camera. */
export interface ProbedStream extends StreamInfo {
  readonly advice: readonly StreamAdvice[];
}

const loginSchema = z.strictObject({ user: z.string().min(1).max(100), password: z.string().max(200) });
/** An address without a login in it, for one of some protocols. */
const addressSchema = (protocols: RegExp, words: string) =>
  z
    .string()
    .max(1000)
    .refine((text) => URL.canParse(text) && protocols.test(new URL(text).protocol), { error: words })
    .refine((text) => !URL.canParse(text) || new URL(text).username === '', {
      error: 'must not hold a password; type it into its own field',
    });
const deviceSchema = z.strictObject({
  service: addressSchema(/^https?:$/, 'must be the http:// address of the camera'),
  login: loginSchema.optional(),
});
const streamSchema = z.strictObject({
  url: addressSchema(/^rtsps?:$/, 'must be an rtsp:// or rtsps:// address'),
  login: loginSchema.optional(),
});

/**
 * Find cameras, read their streams, look at a stream. One question at a time: each costs sockets or a process. Logins
 * are used for their question and kept nowhere; only addresses are logged.
 */
export function discoveryRoutes(app: FastifyInstance, discovery: Discovery, logger: Logger): void {
  let busy = false;
  const alone = async (reply: FastifyReply, work: (signal: AbortSignal) => Promise<unknown>) => {
    if (busy) return problem(reply, 409, 'another search is under way; wait until it ends');
    busy = true;
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort());
    try {
      return await work(gone.signal);
    } catch (error) {
      if (error instanceof DeviceError) return await problem(reply, 502, error.problem);
      if (error instanceof ProbeError) return await problem(reply, 502, error.reason);
      if (gone.signal.aborted) return await reply.hijack();
      throw error;
    } finally {
      busy = false;
    }
  };
  app.post('/api/discovery', async (_request, reply) =>
    alone(reply, async (signal) => {
      const devices = await discovery.find(signal);
      logger.info({ devices: devices.length }, 'looked for cameras');
      return { devices };
    }),
  );
  app.post('/api/discovery/streams', async (request, reply) => {
    const parsed = deviceSchema.safeParse(request.body);
    if (!parsed.success) return problem(reply, 422, wordsOf(parsed.error));
    const { service, login } = parsed.data;
    logger.info({ service }, 'asked a camera for its streams');
    return alone(reply, (signal) => discovery.streams(service, login, signal));
  });
  app.post('/api/discovery/probe', async (request, reply) => {
    const parsed = streamSchema.safeParse(request.body);
    if (!parsed.success) return problem(reply, 422, wordsOf(parsed.error));
    const { url, login } = parsed.data;
    logger.info({ url }, 'looked at a stream');
    return alone(reply, async (): Promise<ProbedStream> => {
      const info = await discovery.probe(url, login);
      return { ...info, advice: streamAdvice(info, USUAL_NEED) };
    });
  });
}

function wordsOf(error: z.ZodError): string {
  return error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
}
