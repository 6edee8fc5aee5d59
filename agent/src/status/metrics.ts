import { SCENE_CONDITIONS } from '@headcount/shared';
import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import type { AgentStatus, StatusSource, ZoneStatus } from './agent-status.js';
import { createConnectionMetrics } from './connection-metrics.js';
import { hostMetrics } from './host-metrics.js';
import { outboxMetrics } from './outbox-metrics.js';

/** Prometheus metrics of the agent as text; its status is read once per scrape. */
export function createMetrics(source: StatusSource): { contentType: string; scrape: () => Promise<string> } {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const collectConnections = createConnectionMetrics(registry);
  const gauge = <Label extends string>(name: string, help: string, ...labelNames: Label[]) =>
    new Gauge({ registers, name: `headcount_${name}`, help, labelNames });
  const counter = <Label extends string>(name: string, help: string, ...labelNames: Label[]) =>
    new Counter({ registers, name: `headcount_${name}`, help, labelNames });
  const state = gauge('camera_state', '1 for the state the camera is in', 'camera', 'state');
  const fps = gauge('camera_frames_per_second', 'Frames counted per second', 'camera');
  const inView = gauge('camera_people_in_view', 'People in view', 'camera');
  const inference = gauge('inference_seconds', 'Last inference', 'camera');
  const processed = counter('frames_processed_total', 'Frames counted', 'camera');
  const skipped = counter('frames_skipped_total', 'Frames dropped for newer ones', 'camera');
  const crossings = counter(
    'crossings_total',
    'Crossings of this outbox epoch',
    'camera',
    'line',
    'direction',
  );
  const scene = gauge('camera_scene', '1 while this is wrong with the picture', 'camera', 'condition');
  const occupancy = gauge('zone_occupancy', 'People in the zone', 'camera', 'zone');
  const queue = gauge('zone_queue', 'People who stand waiting in the zone', 'camera', 'zone');
  const over = gauge(
    'zone_over_capacity',
    '1 while the zone holds more people than it may',
    'camera',
    'zone',
  );
  const entries = counter('zone_entries_total', 'Visits begun in this outbox epoch', 'camera', 'zone');
  const exits = counter('zone_exits_total', 'Visits ended in this outbox epoch', 'camera', 'zone');
  const online = gauge('uplink_online', '1 while connected to the collector');
  const collectOutbox = outboxMetrics(registry);
  const collectHost = hostMetrics(registry);

  const collectZones = (camera: string, zones: readonly ZoneStatus[]) => {
    for (const zone of zones) {
      const labels = { camera, zone: zone.id };
      // No sample rather than a zero while nobody looks.
      if (zone.occupancy !== null) occupancy.set(labels, zone.occupancy);
      if (zone.queue !== null) queue.set(labels, zone.queue);
      if (zone.capacity !== null) over.set(labels, zone.over ? 1 : 0);
      entries.inc(labels, zone.totals.entries);
      exits.inc(labels, zone.totals.exits);
    }
  };
  const perCamera = [state, fps, inView, inference, processed, skipped, crossings, scene];
  const perZone = [occupancy, queue, over, entries, exits];
  const collect = (status: AgentStatus) => {
    for (const metric of [...perCamera, ...perZone]) metric.reset();
    for (const { id, ...one } of status.cameras) {
      state.set({ camera: id, state: one.state }, 1);
      fps.set({ camera: id }, one.fps.measured);
      inView.set({ camera: id }, one.inView);
      if (one.inferenceMs !== null) inference.set({ camera: id }, one.inferenceMs / 1000);
      processed.inc({ camera: id }, one.frames.processed);
      skipped.inc({ camera: id }, one.frames.skipped);
      for (const condition of SCENE_CONDITIONS)
        scene.set({ camera: id, condition }, one.scene.active.includes(condition) ? 1 : 0);
      for (const line of one.lines) {
        crossings.inc({ camera: id, line: line.id, direction: 'in' }, line.totals.in);
        crossings.inc({ camera: id, line: line.id, direction: 'out' }, line.totals.out);
      }
      collectZones(id, one.zones);
    }
    collectConnections(status.cameras);
    online.set(status.uplink.state === 'online' ? 1 : 0);
    collectOutbox(status.outbox);
    collectHost(status.host);
  };
  return {
    contentType: registry.contentType,
    scrape: async () => {
      collect(source.status());
      return registry.metrics();
    },
  };
}
