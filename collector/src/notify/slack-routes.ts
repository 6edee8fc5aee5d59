import { createHmac, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { ProblemError } from '../schema/problem.js';
import { answer, type AnswerSide } from './answers.js';
import { JSON_HEADERS, request } from './channels/http.js';

/** A request that is older may be one that somebody has recorded (s): docs.slack.dev/authentication/verifying-requests-from-slack. */
const WINDOW_S = 300;
/** Slack shows an error to whoever pressed when an answer takes longer than three seconds (ms). */
const REPLY_MS = 2000;

const pressedSchema = z.object({
  type: z.literal('block_actions'),
  user: z.object({ id: z.string(), username: z.string().max(100).optional() }),
  actions: z.array(z.object({ action_id: z.string(), value: z.string().optional() })).min(1),
  response_url: z.url({ protocol: /^https?$/ }).optional(),
});

/** Buttons of messages in Slack; only what Slack has signed, and lately, is heard. */
export function slackRoutes(
  app: FastifyInstance,
  side: AnswerSide & { signingSecret: string | undefined },
): void {
  const options = { config: { public: true }, schema: { hide: true } } as const;
  app.post('/notify/slack', options, async (incoming, reply) => {
    if (!isSigned(incoming, side))
      throw new ProblemError(401, 'this was not signed by Slack, or too long ago');
    const payload = new URLSearchParams(incoming.body as string).get('payload') ?? '{}';
    const pressed = pressedSchema.safeParse(JSON.parse(payload));
    // Buttons that are links are told of, too.
    if (pressed.success) await take(side, pressed.data, incoming.ip);
    return reply.code(200).send('');
  });
}

function isSigned(
  { headers, body }: FastifyRequest,
  { signingSecret, now }: { signingSecret: string | undefined; now: () => number },
): boolean {
  const at = headers['x-slack-request-timestamp'];
  const given = headers['x-slack-signature'];
  if (signingSecret === undefined || typeof at !== 'string' || typeof given !== 'string') return false;
  if (typeof body !== 'string' || !(Math.abs(now() / 1000 - Number(at)) <= WINDOW_S)) return false;
  const right = `v0=${createHmac('sha256', signingSecret).update(`v0:${at}:${body}`).digest('hex')}`;
  const [one, other] = [Buffer.from(given), Buffer.from(right)];
  return one.length === other.length && timingSafeEqual(one, other);
}

async function take(
  side: AnswerSide,
  { user, actions, response_url }: z.infer<typeof pressedSchema>,
  from: string,
): Promise<void> {
  const name = user.username ?? user.id;
  for (const { action_id: action, value } of actions) {
    if ((action !== 'ack' && action !== 'resolve') || value === undefined) continue;
    const text = await outcomeOf(side, { action, value, user: `slack:${name}`, from });
    if (response_url !== undefined) await tell(response_url, `${text} (@${name})`);
  }
}

async function outcomeOf(
  side: AnswerSide,
  { action, value, user, from }: { action: 'ack' | 'resolve'; value: string; user: string; from: string },
): Promise<string> {
  try {
    const answered = await answer(side, value, { action, user, from });
    if (answered === 'unknown') return 'There is no such message. / Không có tin nhắn này.';
    if (answered === 'already') return 'Already acknowledged. / Đã được xác nhận trước đó.';
    return action === 'ack' ? 'Acknowledged. / Đã xác nhận.' : 'Resolved. / Đã giải quyết.';
  } catch (error) {
    if (error instanceof ProblemError) return error.message;
    throw error;
  }
}

/** Say in the conversation what came of it. That is all that is lost when Slack does not take it. */
async function tell(url: string, text: string): Promise<void> {
  const body = JSON.stringify({ response_type: 'in_channel', replace_original: false, text });
  const signal = AbortSignal.timeout(REPLY_MS);
  await request(url, { method: 'POST', headers: JSON_HEADERS, body, signal }).catch(() => undefined);
}
