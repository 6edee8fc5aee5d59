import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { LiveEvent } from '../../schema/api.js';
import { withLive, withStored, type LiveState } from './live-state.js';

/**
 * Listens to the collector's events: keeps what is seen now and has stored data fetched again when it changed.
 * @param allowed whether the person may listen yet
 */
export function useLive(allowed: boolean): { connected: boolean; live: LiveState } {
  const queries = useQueryClient();
  const [connected, setConnected] = useState(false);
  const [live, setLive] = useState<LiveState>(() => new Map());
  useEffect(() => {
    if (!allowed) return undefined;
    const source = new EventSource('/api/v1/live');
    const refetch = (...keys: string[]) => {
      for (const key of keys) void queries.invalidateQueries({ queryKey: [key] });
    };
    const on = <T extends LiveEvent['type']>(
      type: T,
      handle: (event: Extract<LiveEvent, { type: T }>) => void,
    ) =>
      source.addEventListener(type, (message: MessageEvent<string>) => {
        const data = JSON.parse(message.data) as object;
        handle({ type, ...data } as Extract<LiveEvent, { type: T }>);
      });
    source.addEventListener('open', () => {
      setConnected(true);
      refetch('gateways', 'cameras', 'counts', 'incidents');
    });
    source.addEventListener('error', () => {
      setConnected(false);
      // A session that has ended looks like a broken connection to EventSource.
      refetch('session');
    });
    on('gateway', () => refetch('gateways', 'cameras'));
    on('camera', () => refetch('cameras'));
    on('incident', () => refetch('incidents'));
    on('counts', (event) => {
      setLive((state) => withStored(state, event));
      refetch('cameras', 'counts', 'zones', 'sites');
    });
    on('live', (event) => setLive((state) => withLive(state, event)));
    return () => source.close();
  }, [queries, allowed]);
  return { connected, live };
}
