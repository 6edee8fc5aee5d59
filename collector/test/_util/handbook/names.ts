import { readFileSync } from 'node:fs';
import { namedIn, type Code } from '../../../src/handbook/parse.js';
import { commandsIn } from './command-lines.js';
import type { Facts } from './facts.js';
import type { HandbookFile, Problem } from './pages.js';

/** Programs of the system that a step may call. */
const PROGRAMS: ReadonlySet<string> = new Set([
  ...[
    'systemctl',
    'journalctl',
    'timedatectl',
    'chronyc',
    'date',
    'uptime',
    'free',
    'df',
    'du',
    'ls',
    'cat',
    'ps',
  ],
  ...[
    'top',
    'vcgencmd',
    'vmstat',
    'iostat',
    'dmesg',
    'ip',
    'ping',
    'traceroute',
    'nc',
    'nslookup',
    'getent',
    'ss',
  ],
  ...[
    'ethtool',
    'curl',
    'openssl',
    'ffprobe',
    'apt',
    'apt-get',
    'dpkg',
    'reboot',
    'docker',
    'grep',
    'tail',
    'head',
    'sort',
  ],
  ...[
    'lsblk',
    'smartctl',
    'fsck',
    'sha256sum',
    'cp',
    'mv',
    'mkdir',
    'chown',
    'chmod',
    'install',
    'tar',
    'zstd',
  ],
  ...[
    'sqlite3',
    'psql',
    'pg_dump',
    'pg_restore',
    'redis-cli',
    'promtool',
    'mosquitto_pub',
    'mosquitto_sub',
    'less',
  ],
  ...[
    'kill',
    'sync',
    'find',
    'awk',
    'wc',
    'npm',
    'ssh',
    'scp',
    'git',
    'rm',
    'stat',
    'jq',
    'dig',
    'swapon',
    'node',
  ],
]);
/** Fences whose lines are no commands. */
const NO_SHELL: ReadonlySet<string> = new Set(['yaml', 'json', 'text', 'promql', 'sql']);
const ROUTE = /^(GET|POST|PUT|PATCH|DELETE) (\/[^\s?]*)(?:\?\S*)?$/;
const UNIT = /^headcount-[\w-]+\.(?:service|path|timer|socket|target)$/;
const METRIC = /(?<![\w/.-])headcount_[a-z0-9_]+/g;
const OWN_PATH = /(?<![\w.-])\/(?:etc|var\/lib)\/headcount[\w./-]*/g;

/** Everything that a page names and that does not exist. */
export async function nameProblems(page: HandbookFile, facts: Facts): Promise<Problem[]> {
  const named = [...page.intro, ...page.sections.flatMap(({ blocks }) => blocks)].map(namedIn);
  const found = named.flatMap(({ links }) =>
    links.map(({ href, line }) => ({ line, problem: linkProblem(href, facts) })),
  );
  for (const code of named.flatMap(({ codes }) => codes))
    for (const problem of await codeProblems(code, facts)) found.push({ line: code.line, problem });
  return found.flatMap(({ line, problem }) =>
    problem === undefined ? [] : [{ file: page.file, line, problem }],
  );
}

function linkProblem(href: string, { consolePages, handbookPages }: Facts): string | undefined {
  if (/^(?:https|mailto):/.test(href)) return undefined;
  if (!href.startsWith('#')) return `the link ${href} leads nowhere: write #page or https://…`;
  const [page = '', ...place] = href.slice(1).split('/');
  if (!consolePages.has(page)) return `the console has no page #${page}`;
  const slug = place.join('/');
  if (page === 'handbook' && slug !== '' && !handbookPages.has(slug))
    return `the handbook has no page "${slug}"`;
  return undefined;
}

async function codeProblems(code: Code, facts: Facts): Promise<string[]> {
  const { text, fence } = code;
  const problems: string[] = [];
  for (const [metric] of text.matchAll(METRIC))
    if (!facts.metrics.has(metric)) problems.push(`neither agent nor collector has a metric ${metric}`);
  for (const [path] of text.matchAll(OWN_PATH))
    if (!pathExists(path, facts)) problems.push(`no package and no program knows the path ${path}`);
  const route = ROUTE.exec(text);
  if (route !== null) return [...problems, ...routeProblems(route, text, facts)];
  if (UNIT.test(text))
    return facts.units.has(text) ? problems : [...problems, `systemd/ has no unit ${text}`];
  if (fence === undefined ? !looksLikeCommand(text, facts) : NO_SHELL.has(fence)) return problems;
  return [...problems, ...(await shellProblems(text, facts))];
}

function routeProblems(
  [, method = '', path = '']: RegExpExecArray,
  text: string,
  { routes }: Facts,
): string[] {
  const wanted = `${method} ${path}`.split('/');
  const fits = (route: string) => {
    const parts = route.split('/');
    return (
      parts.length === wanted.length &&
      parts.every((part, at) => part === wanted[at] || (part.startsWith('{') && (wanted[at] ?? '') !== ''))
    );
  };
  return routes.some(fits) ? [] : [`there is no route ${text}`];
}

function pathExists(path: string, { paths, literals }: Facts): boolean {
  const clean = path.replace(/[/.]+$/, '');
  if (paths.has(clean)) return true;
  const at = clean.lastIndexOf('/');
  return literals.has(clean.slice(at + 1)) && pathExists(clean.slice(0, at), { paths, literals } as Facts);
}

const rules = () => readFileSync(new URL('../../../../deploy/prometheus/rules.yml', import.meta.url), 'utf8');

/** Runbooks that the rules of Prometheus name. */
export function runbooksOfRules(): string[] {
  return [...rules().matchAll(/runbook_url: \S+#handbook\/([a-z0-9-]+)$/gm)].map(([, slug = '']) => slug);
}

/** Time series that the rules of Prometheus read. */
export function seriesOfRules(): string[] {
  return [...rules().matchAll(/\bheadcount_[a-z0-9_]+/g)].map(([name]) => name);
}

/** Within a sentence much stands in backticks that is no command. */
function looksLikeCommand(text: string, { commandLines }: Facts): boolean {
  const [[first = '', ...words] = []] = commandsIn(text);
  if (commandLines.isOurs(first)) return true;
  if (words.length === 0) return false;
  return (
    /^[a-z]/.test(first) &&
    (PROGRAMS.has(first) || text.startsWith('sudo ') || (words[0] ?? '').startsWith('-'))
  );
}

async function shellProblems(text: string, facts: Facts): Promise<string[]> {
  if (text.startsWith('#')) return [];
  const problems: string[] = [];
  for (const words of commandsIn(text.replace(/\s#.*$/, ''))) {
    const [program = ''] = words;
    if (facts.commandLines.isOurs(program))
      problems.push(...[await facts.commandLines.problem(words)].flatMap((one) => one ?? []));
    else if (!PROGRAMS.has(program)) problems.push(`"${program}" is no program that a step may call`);
    for (const word of words.slice(1))
      if (UNIT.test(word) && !facts.units.has(word)) problems.push(`systemd/ has no unit ${word}`);
    if (program === 'systemctl' || program === 'journalctl') problems.push(...shortUnits(words, facts));
  }
  return problems;
}

/** Units without their ending, as people type them. */
function shortUnits(words: readonly string[], { units }: Facts): string[] {
  return words
    .slice(1)
    .filter((word) => /^headcount-[\w-]+$/.test(word) && !units.has(`${word}.service`))
    .map((word) => `systemd/ has no unit ${word}.service`);
}
