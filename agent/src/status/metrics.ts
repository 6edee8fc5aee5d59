import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import type { AgentStatus, StatusSource } from './agent-status.js';

/** Prometheus metrics of the agent as text; its status is read once per scrape. */
export function createMetrics(source: StatusSource): { contentType: string; scrape: () => Promise<string> } {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const per = { registers: [registry] };
  const camera = ['camera'] as const;
  const state = new Gauge({
    ...per,
    name: 'headcount_camera_state',
    help: '1 for the state the camera is in',
    labelNames: ['camera', 'state'],
  });
  const fps = new Gauge({
    ...per,
    name: 'headcount_camera_frames_per_second',
    help: 'Frames counted per second',
    labelNames: camera,
  });
  const inView = new Gauge({
    ...per,
    name: 'headcount_camera_people_in_view',
    help: 'People in view',
    labelNames: camera,
  });
  const inference = new Gauge({
    ...per,
    name: 'headcount_inference_seconds',
    help: 'Last inference',
    labelNames: camera,
  });
  const processed = new Counter({
    ...per,
    name: 'headcount_frames_processed_total',
    help: 'Frames counted',
    labelNames: camera,
  });
  const skipped = new Counter({
    ...per,
    name: 'headcount_frames_skipped_total',
    help: 'Frames dropped for newer ones',
    labelNames: camera,
  });
  const crossings = new Counter({
    ...per,
    name: 'headcount_crossings_total',
    help: 'Line crossings of this outbox epoch',
    labelNames: ['camera', 'line', 'direction'],
  });
  const online = new Gauge({
    ...per,
    name: 'headcount_uplink_online',
    help: '1 while connected to the collector',
  });
  const waiting = new Gauge({
    ...per,
    name: 'headcount_outbox_waiting_records',
    help: 'Records without a receipt',
  });
  const bytes = new Gauge({ ...per, name: 'headcount_outbox_file_bytes', help: 'Size of the outbox file' });

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
