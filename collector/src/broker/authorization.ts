import { parseTopic, type Channel } from '@headcount/shared';

/** Who talks at the broker; `nobody` has not proved who it is. */
export const BROKER_ROLES = ['gateway', 'probe', 'collector', 'nobody'] as const;
/** What may be done on a topic: `retain` publishes a message that the broker keeps. */
export const BROKER_ACTIONS = ['publish', 'retain', 'subscribe'] as const;

export type BrokerRole = (typeof BROKER_ROLES)[number];
export type BrokerAction = (typeof BROKER_ACTIONS)[number];

/** A channel below a gateway's root, or the one topic of the collector's probe. */
type Place = Channel | 'probe';

/**
 * Everything that is allowed; what does not stand here is refused. A gateway's rows are about its own root alone, the
 * collector's about every gateway's.
 */
export const PERMISSIONS: Readonly<
  Record<BrokerRole, Readonly<Partial<Record<Place, readonly BrokerAction[]>>>>
> = {
  gateway: {
    state: ['publish', 'retain'],
    records: ['publish'],
    live: ['publish'],
    reported: ['publish', 'retain'],
    result: ['publish'],
    receipt: ['subscribe'],
    desired: ['subscribe'],
    command: ['subscribe'],
  },
  probe: { probe: ['publish', 'subscribe'] },
  collector: {
    // It also publishes the wills of gateways whose collector has died.
    state: ['publish', 'retain', 'subscribe'],
    records: ['subscribe'],
    live: ['subscribe'],
    reported: ['subscribe'],
    result: ['subscribe'],
    receipt: ['publish'],
    desired: ['publish', 'retain'],
    command: ['publish'],
  },
  nobody: {},
};

/** Who asks, by what it has proved. */
export interface Peer {
  readonly role: BrokerRole;
  /** Of a gateway; "" for the others. */
  readonly name: string;
}

/**
 * Whether a peer may do something on a topic.
 * @param topic of a message, or the filter of a subscription: a wildcard is no topic of ours, so none is allowed
 * @param probeTopic the probe's own, which is new at every start
 */
export function isAllowed(
  peer: Peer,
  action: BrokerAction,
  { topic, probeTopic }: { topic: string; probeTopic: string },
): boolean {
  const place = topic === probeTopic ? 'probe' : placeOf(peer, topic);
  return place !== undefined && (PERMISSIONS[peer.role][place]?.includes(action) ?? false);
}

function placeOf({ role, name }: Peer, topic: string): Channel | undefined {
  const parsed = parseTopic(topic);
  return role === 'gateway' && parsed?.gateway !== name ? undefined : parsed?.channel;
}
