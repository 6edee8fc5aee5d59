import { Counter, Gauge, type Registry } from 'prom-client';
import type { CameraStatus } from './agent-status.js';

/** Metrics of how well the cameras' streams come; the returned function is called once per scrape. */
export function createConnectionMetrics(registry: Registry): (cameras: readonly CameraStatus[]) => void {
  const registers = [registry];
  const gauge = <Label extends string>(name: string, help: string, ...labelNames: Label[]) =>
    new Gauge({ registers, name: `headcount_camera_${name}`, help, labelNames });
  const cause = gauge('cause', '1 for what moved the camera into its state', 'camera', 'cause');
  const quality = gauge('quality', '1 for the grade of the connection', 'camera', 'grade');
  const share = gauge('frame_share', 'Frames counted in ten minutes, share of the configured rate', 'camera');
  const reconnects = gauge('reconnects_last_hour', 'Streams lost in the last hour', 'camera');
  const stalls = gauge('stalls_last_hour', 'Times without a new picture in the last hour', 'camera');
  const fellBack = gauge('decoder_fell_back', '1 when hardware failed and software decodes', 'camera');
  const starts = new Counter({
    registers,
    name: 'headcount_decoder_starts_total',
    help: 'Decoders started',
    labelNames: ['camera'],
  });
  const all = [cause, quality, share, reconnects, stalls, fellBack, starts];
  return (cameras) => {
    for (const metric of all) metric.reset();
    for (const { id, connection, ...one } of cameras) {
      cause.set({ camera: id, cause: one.cause }, 1);
      starts.inc({ camera: id }, connection.decoderStarts);
      fellBack.set({ camera: id }, connection.decoding.fellBack ? 1 : 0);
      if (connection.quality === null) continue;
      quality.set({ camera: id, grade: connection.quality.grade }, 1);
      share.set({ camera: id }, connection.quality.frameShare);
      reconnects.set({ camera: id }, connection.quality.reconnectsPerHour);
      stalls.set({ camera: id }, connection.quality.stallsPerHour);
    }
  };
}
