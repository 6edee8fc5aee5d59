/** Names of the sites that drills make: the scenario and the second (UTC) in which it began. */
const DRILL_SITE = /^drill-[a-z-]+-\d{8}t\d{6}$/;

/** What titles of drills begin with, in every language, so that nobody takes one for real. */
export const DRILL_PREFIX = { en: 'DRILL: ', vi: 'DIỄN TẬP: ' } as const;

/** @param now UTC ms, of the beginning of the drill */
export function drillSite(scenario: string, now: number): string {
  const [date = '', time = ''] = new Date(now).toISOString().split(/[T.]/);
  return `drill-${scenario}-${date.replaceAll('-', '')}t${time.replaceAll(':', '')}`;
}

/** Whether a site, or what is below it, belongs to a drill. @param path such as `shop/lobby/door` */
export function isDrill(path: string): boolean {
  return DRILL_SITE.test(path.split('/', 1)[0] ?? '');
}
