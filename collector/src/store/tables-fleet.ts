import type { RolloutGatewayState, RolloutState } from '../schema/rollout-words.js';

/** Tables of presets and roll-outs. Times are UTC ms, truth is 0 or 1. */
export interface FleetTables {
  /** The library's own presets stand in code; these are added by people. `body` is the preset as JSON. */
  camera_preset: { name: string; body: string; author: string; at: number };
  /** A change of configuration that goes to a few gateways first. */
  rollout: {
    id: string;
    title: string;
    state: RolloutState;
    /** Why it was halted; empty otherwise. */
    reason: string;
    /** How long the canaries must run well before the rest follows. */
    soak_ms: number;
    author: string;
    at: number;
    changed_at: number;
    /** When the canaries had all taken it and their soak began. */
    soaked_at: number | null;
  };
  rollout_gateway: {
    rollout: string;
    gateway: string;
    canary: number;
    state: RolloutGatewayState;
    /** What its desired configuration becomes, as JSON. */
    settings: string;
    /** Versions of its desired configuration before and with the roll-out; null for none, and while it waits. */
    before_version: number | null;
    version: number | null;
    /** Cameras that streamed before it got the change. */
    streaming_before: number | null;
    problem: string;
  };
}
