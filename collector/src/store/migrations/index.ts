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
import { maintenance } from './012-maintenance.js';
import { errorGroups } from './013-error-groups.js';
import { slo } from './014-slo.js';
import { webhookLate } from './015-webhook-late.js';
import { oncall } from './016-oncall.js';
import { alerts } from './017-alerts.js';
import { incidents } from './018-incidents.js';
import { notify } from './019-notify.js';
import { escalation } from './020-escalation.js';
import { silences } from './021-silences.js';
import { reports } from './024-reports.js';
import { drills } from './025-drills.js';
import { rules } from './026-rules.js';
import { notifyPurge } from './027-notify-purge.js';
import { lineVerdicts } from './028-line-verdicts.js';
import { stepRunbook } from './029-step-runbook.js';

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
  '012-maintenance': { up: maintenance },
  '013-error-groups': { up: errorGroups },
  '014-slo': { up: slo },
  '015-webhook-late': { up: webhookLate },
  '016-oncall': { up: oncall },
  '017-alerts': { up: alerts },
  '018-incidents': { up: incidents },
  '019-notify': { up: notify },
  '020-escalation': { up: escalation },
  '021-silences': { up: silences },
  '024-reports': { up: reports },
  '025-drills': { up: drills },
  '026-rules': { up: rules },
  '027-notify-purge': { up: notifyPurge },
  '028-line-verdicts': { up: lineVerdicts },
  '029-step-runbook': { up: stepRunbook },
};
