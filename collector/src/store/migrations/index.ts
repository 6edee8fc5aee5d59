import type { Kysely } from 'kysely';
import { initial } from './001-initial.js';
import { zones } from './002-zones.js';
import { enrolment } from './003-enrolment.js';
import { desired } from './004-desired.js';
import { sceneAudit } from './005-scene-audit.js';
import { rollups } from './006-rollups.js';
import { security } from './007-security.js';
import { cluster } from './008-cluster.js';
import { webhooks } from './009-webhooks.js';
import { fleet } from './010-fleet.js';
import { accuracy } from './011-accuracy.js';
import { webhookLate } from './015-webhook-late.js';
import { alerts } from './017-alerts.js';

/** Every step in order; forward only, and a step that was released never changes. */
export const MIGRATIONS: Record<string, { up: (db: Kysely<unknown>) => Promise<void> }> = {
  '001-initial': { up: initial },
  '002-zones': { up: zones },
  '003-enrolment': { up: enrolment },
  '004-desired': { up: desired },
  '005-scene-audit': { up: sceneAudit },
  '006-rollups': { up: rollups },
  '007-security': { up: security },
  '008-cluster': { up: cluster },
  '009-webhooks': { up: webhooks },
  '010-fleet': { up: fleet },
  '011-accuracy': { up: accuracy },
  '015-webhook-late': { up: webhookLate },
  '017-alerts': { up: alerts },
};
