/** Where a roll-out stands, and where one of its gateways does. */
export const ROLLOUT_STATES = [
  'canary',
  'soak',
  'rest',
  'done',
  'halted',
  'cancelled',
  'rolled-back',
] as const;
export const ROLLOUT_GATEWAY_STATES = ['waiting', 'sent', 'applied', 'failed', 'superseded'] as const;

export type RolloutState = (typeof ROLLOUT_STATES)[number];
export type RolloutGatewayState = (typeof ROLLOUT_GATEWAY_STATES)[number];
