import { randomBytes } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import type { IncidentDetail } from '../../collector/src/schema/incidents.js';
import type { ConsoleClient } from './console-client.js';
import { putOnDuty } from './duty.js';
import type { Postbox } from './postbox.js';
import type { Stack } from './stack.js';

/** The camera counts for so long before it is unplugged (ms). */
const COUNTS_MS = 15_000;
const LOOK_MS = 1000;
/** Sooner than by default (2 min each), so that nobody waits for the story: an operator would set it like this. */
const RULE = { forSeconds: 60, keepSeconds: 10 };

/** What the story is told with. */
export interface StoryOptions {
  readonly stack: Stack;
  readonly client: ConsoleClient;
  /** Gateway and camera, such as lobby/door: a simulated fleet has incidents of its own. */
  readonly camera: string;
  readonly unplug: () => Promise<void>;
  readonly plugIn: () => Promise<void>;
  readonly say: (text: string) => void;
  readonly signal: AbortSignal;
}

/** Variables of a collector that sends to a postbox. */
export function postboxEnv(postbox: Postbox): Record<string, string> {
  return { SMTP_URL: postbox.mailUrl, NOTIFY_WEBHOOK_SECRET: randomBytes(32).toString('hex') };
}

/** Before the collector starts: mails and webhooks go out, with links to this machine. */
export function addNotifyConfig(stack: Stack): void {
  const email = { from: 'Headcount <headcount@example.com>' };
  const notify = { publicUrl: stack.consoleUrl, email, webhook: {} };
  appendFileSync(stack.file('collector.yaml'), stringify({ notify }));
}

/** Lan is on duty day and night. @returns her password */
export async function addEngineer(stack: Stack, postbox: Postbox, timeZone: string): Promise<string> {
  const password = randomBytes(9).toString('base64url');
  const contacts = [
    { kind: 'email', address: 'lan@example.com', language: 'en' } as const,
    { kind: 'webhook', address: postbox.chatUrl, language: 'en' } as const,
  ];
  await putOnDuty(stack.database, { username: 'lan', password, timeZone, contacts });
  return password;
}

/** Unplug the camera, and say what happens until its incident is resolved; ends early when the signal says stop. */
export async function tellUnplugStory(options: StoryOptions): Promise<void> {
  const { stack, client, camera, unplug, plugIn, say, signal } = options;
  await client.changeRule('camera-offline', RULE);
  await sleep(COUNTS_MS, undefined, { signal });
  await unplug();
  const unpluggedAt = Date.now();
  say(
    `the camera is unplugged; in about ${RULE.forSeconds} s an incident opens and Lan, who is on duty, is paged`,
  );
  const id = await untilSo(signal, async () => {
    const incidents = await client.incidents();
    return incidents.find(({ asset }) => asset?.path.endsWith(`/${camera}`))?.id;
  });
  const page = `${stack.consoleUrl}/#incidents/${id}`;
  const seconds = Math.round((Date.now() - unpluggedAt) / 1000);
  say(`${id} is open ${seconds} s after the camera was unplugged: ${page}`);
  say('open the Acknowledge link of the mail that comes now, or press Acknowledge on that page');
  const until = (so: (incident: IncidentDetail) => boolean) =>
    untilSo(signal, async () => {
      const incident = await client.incident(id);
      return so(incident) ? incident : undefined;
    });
  const { holder } = await until(({ ackedAt }) => ackedAt !== null);
  say(`${holder ?? 'somebody'} has ${id}: nobody else is paged; the camera is plugged in again`);
  await plugIn();
  await until(({ autoResolveAt, resolvedAt }) => autoResolveAt !== null || resolvedAt !== null);
  say(`the alert is over: ${id} resolves by itself in 15 min, or now if you press Resolve on ${page}`);
  await until(({ resolvedAt }) => resolvedAt !== null);
  say(`${id} is resolved; the draft of its review:\n\n  ${await client.reviewSummary(id)}\n`);
}

async function untilSo<T>(signal: AbortSignal, look: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    await sleep(LOOK_MS, undefined, { signal });
  }
}
