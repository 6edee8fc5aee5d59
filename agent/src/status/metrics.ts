import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import type { AgentStatus, StatusSource } from './agent-status.js';

/** Prometheus metrics of the agent as text; its status is read once per scrape. */
export function createMetrics(source: StatusSource): { contentType: string; scrape: () => Promise<string> } {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
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
  const online = gauge('uplink_online', '1 while connected to the collector');
  const waiting = gauge('outbox_waiting_records', 'Records without a receipt');
  const bytes = gauge('outbox_file_bytes', 'Size of the outbox file');

  const collect = (status: AgentStatus) => {
    for (const metric of [state, fps, inView, inference, processed, skipped, crossings]) metric.reset();
    for (const { id, ...one } of status.cameras) {
      state.set({ camera: id, state: one.state }, 1);
      fps.set({ camera: id }, one.fps.measured);
      inView.set({ camera: id }, one.inView);
      if (one.inferenceMs !== null) inference.set({ camera: id }, one.inferenceMs / 1000);
      processed.inc({ camera: id }, one.frames.processed);
      skipped.inc({ camera: id }, one.frames.skipped);
      for (const line of one.lines) {
        crossings.inc({ camera: id, line: line.id, direction: 'in' }, line.totals.in);
        crossings.inc({ camera: id, line: line.id, direction: 'out' }, line.totals.out);
      }
    }
    online.set(status.uplink.state === 'online' ? 1 : 0);
    waiting.set(status.outbox.waiting);
    bytes.set(status.outbox.fileBytes);
  };
  return {
    contentType: registry.contentType,
    scrape: async () => {
      collect(source.status());
      return registry.metrics();
    },
  };
}
