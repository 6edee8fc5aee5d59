import { Counter, Gauge, type Registry } from 'prom-client';
import type { AgentStatus } from './agent-status.js';

/** Metrics of the outbox; the returned function fills them from a status. */
export function outboxMetrics(registry: Registry): (outbox: AgentStatus['outbox']) => void {
  const registers = [registry];
  const gauge = (name: string, help: string) =>
    new Gauge({ registers, name: `headcount_outbox_${name}`, help });
  const waiting = gauge('waiting_records', 'Records without a receipt');
  const bytes = gauge('file_bytes', 'Size of the outbox file');
  const refused = gauge('refused', '1 while the disk refuses writes');
  const held = gauge('held_records', 'Records in memory that the disk refuses');
  const provisional = gauge('provisional_records', 'Records that wait for the clock to be set');
  const quarantined = gauge('quarantined_files', 'Damaged outbox files that are kept');
  const coarsened = new Counter({
    registers,
    name: 'headcount_outbox_coarsened_total',
    help: 'Records merged into longer intervals, left out, or given up, since the outbox was made',
    labelNames: ['how'],
  });
  return (outbox) => {
    waiting.set(outbox.waiting);
    bytes.set(outbox.fileBytes);
    refused.set(outbox.healthy ? 0 : 1);
    held.set(outbox.held);
    provisional.set(outbox.provisional);
    quarantined.set(outbox.quarantined);
    coarsened.reset();
    for (const how of ['merged', 'thinned', 'dropped'] as const) coarsened.inc({ how }, outbox[how]);
  };
}
