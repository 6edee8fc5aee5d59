import { z } from 'zod';

/** Root of every topic of contract version 1. */
const ROOT = 'headcount/v1';

/**
 * A name that may stand in a topic, a file name and a URL: lower-case letters, digits and hyphens,
 * 1 to 63 characters, no hyphen first. Used for gateways, sites, cameras and lines.
 */
export const slugSchema = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9-]{0,62}$/,
    'must be 1 to 63 characters: lower-case letters, digits and hyphens, not starting with a hyphen',
  );

/** The channels below a gateway's root; docs/contract.md has a section for each. */
export const CHANNELS = [
  'state',
  'records',
  'receipt',
  'live',
  'desired',
  'reported',
  'command',
  'result',
] as const;

/** One of {@link CHANNELS}. */
export type Channel = (typeof CHANNELS)[number];

/** Channels on which the agent publishes; the rest belong to the collector. */
export const AGENT_CHANNELS: ReadonlySet<Channel> = new Set([
  'state',
  'records',
  'live',
  'reported',
  'result',
]);

/** The topic of one channel of one gateway, for example `headcount/v1/lobby/records`. */
export function topicFor(gateway: string, channel: Channel): string {
  return `${ROOT}/${gateway}/${channel}`;
}

/** The subscription filter that matches one channel of every gateway. */
export function filterForAll(channel: Channel): string {
  return `${ROOT}/+/${channel}`;
}

/** Gateway and channel of a topic, or undefined where the topic is none of ours. */
export function parseTopic(topic: string): { gateway: string; channel: Channel } | undefined {
  const [root, version, gateway, channel, ...rest] = topic.split('/');
  if (`${root}/${version}` !== ROOT || gateway === undefined || rest.length > 0) return undefined;
  const known = CHANNELS.find((name) => name === channel);
  return known !== undefined && slugSchema.safeParse(gateway).success
    ? { gateway, channel: known }
    : undefined;
}
