import { sign } from '../../webhooks/webhooks.js';
import type { Channel, Message, Outcome } from '../message.js';
import { JSON_HEADERS, outcomeOfError, outcomeOfStatus, request } from './http.js';

/** Messages as JSON to whatever a contact names, signed like pushed counts. */
export class WebhookChannel implements Channel {
  private readonly secret: string;
  private readonly now: () => number;

  /** @param options.secret key of the signatures */
  constructor({ secret, now }: { secret: string; now: () => number }) {
    this.secret = secret;
    this.now = now;
  }

  async send(message: Message, signal: AbortSignal): Promise<Outcome> {
    const { address, idemKey, incident, kind, severity, subject, lines, duplicate } = message;
    const { incidentUrl, runbookUrl, ackUrl } = message;
    const body = JSON.stringify({
      ...{ id: idemKey, incident, kind, severity, subject, lines, possibleDuplicate: duplicate },
      ...{ incidentUrl, runbookUrl, ackUrl },
    });
    const headers = {
      ...JSON_HEADERS,
      'headcount-signature': sign(this.secret, body, this.now()),
      'idempotency-key': idemKey,
    };
    try {
      const answer = await request(address, { method: 'POST', headers, body, signal });
      return outcomeOfStatus(answer, 'the receiver');
    } catch (error) {
      return outcomeOfError(error);
    }
  }
}
