import type { CurrentRule } from './rules.js';

/** Stands for all that Alertmanager reports. It has waited already: nothing waits here again. */
export const ALERTMANAGER_RULE: CurrentRule = {
  ...{ number: 0, slug: 'alertmanager', version: 0, enabled: true, override: {}, keepS: 0 },
  title: { en: 'Reported by Prometheus', vi: 'Prometheus báo' },
  meaning: { en: 'A rule of Prometheus fires.', vi: 'Một quy tắc của Prometheus đang báo.' },
  conditions: [
    {
      ...{ name: '', signal: 'external', op: '>=', threshold: 1, clear: 0 },
      ...{ severity: 'medium', forS: 0, minSamples: 0 },
    },
  ],
  ...{ severity: 'medium', groupBy: 'component', inhibitedBy: [], runbook: '' },
};
