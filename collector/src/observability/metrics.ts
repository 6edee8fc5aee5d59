import { statSync } from 'node:fs';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** Seconds; the promise is 200 ms on average. */
const API_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2.5, 5];
const QUERY_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5];
/** Bounds of the buckets above beyond which an answer or a write is slow; operations: rules collector-latency and db-slow (s). */
const SLOW_ANSWER_S = 0.5;
const SLOW_WRITE_S = 0.1;
const LIVE_ROUTE = '/api/v1/live';
const WRITES: ReadonlySet<string> = new Set(['insert', 'update', 'delete']);
/** From the end of an interval to its commit: minutes while a gateway is connected, days after it was away. */
const LAG_BUCKETS = [1, 5, 15, 60, 300, 3600, 6 * 3600, 86_400, 7 * 86_400];

/** Sums over all gateways: where the number stands, its name and help, and what makes its unit one of Prometheus' own. */
const TRAFFIC = [
  ['messagesIn', 'broker_received_messages_total', 'Messages of gateways', 1],
  ['messagesOut', 'broker_sent_messages_total', 'Messages to gateways', 1],
  ['bytesIn', 'broker_received_bytes_total', 'Bytes of gateways after their login', 1],
  ['bytesOut', 'broker_sent_bytes_total', 'Bytes to gateways', 1],
  ['connects', 'broker_connects_total', 'Logins of gateways that were taken', 1],
  [
    'slowedMs',
    'broker_slowed_seconds_total',
    'How long gateways were not read because they sent too fast',
    1e-3,
  ],
] as const;

/** What is asked for when somebody reads the metrics. */
export interface MetricSources {
  readonly version: string;
  /** SQLite's file; undefined for a server, which has metrics of its own. */
  readonly databaseFile: string | undefined;
  readonly broker: () => {
    readonly connections: number;
    readonly refused: number;
    readonly probeSeconds: number;
    readonly probesLost: number;
    /** Of all gateways together: one series per gateway would be thousands. */
    readonly traffic: Readonly<Record<(typeof TRAFFIC)[number][0], number>>;
  };
  readonly gateways: () => Promise<Readonly<Record<string, number>>>;
  readonly cameras: () => Promise<Readonly<Record<string, number>>>;
  /** Open ones. */
  readonly incidents: () => Promise<Readonly<Record<string, number>>>;
  /** Messages that came faster than they could be handled. */
  readonly ingestDropped: () => number;
  readonly errorGroupsOpen: () => Promise<number>;
  readonly errorLinesDropped: () => number;
}

/** A line of a histogram; its labels are its own and, of a bucket, the bound. */
interface Observed {
  readonly metricName?: string | undefined;
  readonly labels: Readonly<Record<string, string | number | undefined>>;
  readonly value: number;
}

/** The collector's metrics, named as Prometheus' conventions have it; one registry per collector. */
export class Metrics {
  private readonly registry = new Registry();
  private readonly http: Histogram<'method' | 'route' | 'status'>;
  private readonly query: Histogram<'kind'>;
  private readonly queryErrors: Counter;
  private readonly batches: Counter<'result'>;
  private readonly batchSeconds: Histogram;
  private readonly records: Counter<'kind'>;
  private readonly deadLetters: Counter;
  private readonly missing: Counter;
  private readonly lag: Histogram;
  private readonly jobSeconds: Histogram<'job' | 'result'>;
  private readonly jobSuccess: Gauge<'job'>;

  constructor() {
    const registers = [this.registry];
    const of = <T extends string>(name: string, help: string, labelNames: readonly T[] = []) => ({
      ...{ registers, name: `headcount_${name}`, help, labelNames: [...labelNames] },
    });
    this.http = new Histogram({
      ...of('http_request_duration_seconds', 'Answers of the API by route', [
        'method',
        'route',
        'status',
      ] as const),
      buckets: API_BUCKETS,
    });
    this.query = new Histogram({
      ...of('db_query_duration_seconds', 'Statements of the database by their first word', ['kind'] as const),
      buckets: QUERY_BUCKETS,
    });
    this.queryErrors = new Counter(of('db_query_errors_total', 'Statements that failed'));
    this.batches = new Counter(
      of('ingest_batches_total', 'Batches of records by what came of them', ['result'] as const),
    );
    this.batchSeconds = new Histogram({
      ...of('ingest_batch_duration_seconds', 'From a batch to its commit'),
      buckets: QUERY_BUCKETS,
    });
    this.records = new Counter(
      of('ingest_records_total', 'Records stored for the first time', ['kind'] as const),
    );
    this.deadLetters = new Counter(of('ingest_dead_letters_total', 'Records that can never be stored'));
    this.missing = new Counter(of('ingest_missing_counts_total', 'Crossings that totals prove missing'));
    this.lag = new Histogram({
      ...of('ingest_lag_seconds', 'From the end of an interval to its commit'),
      buckets: LAG_BUCKETS,
    });
    this.jobSeconds = new Histogram({
      ...of('job_duration_seconds', 'Runs of the timers by what came of them', ['job', 'result'] as const),
      buckets: [0.01, 0.1, 1, 10, 60, 600],
    });
    this.jobSuccess = new Gauge(
      of('job_last_success_timestamp_seconds', 'When a timer last ran to its end', ['job'] as const),
    );
  }

  /** Add what is read at the moment of a scrape. */
  follow(sources: MetricSources): void {
    const registers = [this.registry];
    collectDefaultMetrics({ register: this.registry });
    // Gauges that the library names like counters.
    for (const name of ['handles', 'requests', 'resources'])
      this.registry.removeSingleMetric(`nodejs_active_${name}_total`);
    const build = {
      registers,
      name: 'headcount_build_info',
      help: 'The version that runs',
      labelNames: ['version'],
    };
    new Gauge(build).set({ version: sources.version }, 1);
    const gauge = (name: string, help: string, read: () => number | Promise<number>) =>
      new Gauge({
        ...{ registers, name: `headcount_${name}`, help },
        async collect() {
          this.set(await read());
        },
      });
    gauge('broker_connections', 'Open connections of the broker', () => sources.broker().connections);
    gauge(
      'broker_probe_round_trip_seconds',
      'Of the newest message of the probe',
      () => sources.broker().probeSeconds,
    );
    gauge(
      'error_groups_open',
      'Kinds of errors that nobody has resolved or ignored',
      sources.errorGroupsOpen,
    );
    const { databaseFile } = sources;
    if (databaseFile !== undefined) {
      gauge('db_size_bytes', 'Size of the database file', () => sizeOf(databaseFile));
      gauge('db_wal_size_bytes', 'Size of its write-ahead log', () => sizeOf(`${databaseFile}-wal`));
    }
    const counter = (name: string, help: string, read: () => number) =>
      new Counter({
        ...{ registers, name: `headcount_${name}`, help },
        collect() {
          this.reset();
          this.inc(read());
        },
      });
    counter(
      'broker_refusals_total',
      'Logins, messages and packets that were refused',
      () => sources.broker().refused,
    );
    counter(
      'broker_probes_lost_total',
      'Messages of the probe that did not come back',
      () => sources.broker().probesLost,
    );
    for (const [key, name, help, unit] of TRAFFIC)
      counter(name, help, () => sources.broker().traffic[key] * unit);
    counter(
      'ingest_dropped_total',
      'Messages that came faster than they could be handled',
      sources.ingestDropped,
    );
    counter(
      'error_lines_dropped_total',
      'Errors of the log that were not grouped, because there were too many kinds',
      sources.errorLinesDropped,
    );
    const byState = (name: string, help: string, label: string, read: MetricSources['gateways']) =>
      new Gauge({
        ...{ registers, name: `headcount_${name}`, help, labelNames: [label] },
        async collect() {
          this.reset();
          for (const [state, count] of Object.entries(await read())) this.set({ [label]: state }, count);
        },
      });
    byState('gateways', 'Gateways by presence', 'status', sources.gateways);
    byState('cameras', 'Cameras in use by state', 'state', sources.cameras);
    byState('open_incidents', 'Incidents that somebody must still act on', 'severity', sources.incidents);
  }

  /**
   * Answers and statements since the start: those that failed by the collector's fault, those slower than 500 ms and all of their
   * seconds; those that write, and those of them slower than 100 ms. Live pages are left out: their answers last for hours.
   */
  async counters(): Promise<{
    requests: number;
    failed: number;
    slow: number;
    requestSeconds: number;
    writes: number;
    slowWrites: number;
  }> {
    const answers = (await this.http.get()).values.filter(({ labels }) => labels.route !== LIVE_ROUTE);
    const statements = (await this.query.get()).values.filter(({ labels }) =>
      WRITES.has(String(labels.kind)),
    );
    const sum = (values: readonly Observed[], ending: string, le?: number) =>
      values
        .filter(({ metricName, labels }) => metricName?.endsWith(ending) === true && labels['le'] === le)
        .reduce((total, { value }) => total + value, 0);
    const requests = sum(answers, '_count');
    const failed = answers.filter(({ labels }) => labels.status === '5xx');
    const writes = sum(statements, '_count');
    return {
      ...{ requests, failed: sum(failed, '_count'), slow: requests - sum(answers, '_bucket', SLOW_ANSWER_S) },
      ...{ requestSeconds: sum(answers, '_sum') },
      ...{ writes, slowWrites: writes - sum(statements, '_bucket', SLOW_WRITE_S) },
    };
  }

  /** Everything in the text format. */
  async text(): Promise<{ contentType: string; body: string }> {
    return { contentType: this.registry.contentType, body: await this.registry.metrics() };
  }

  /** An answer has been sent. @param route its template, never the address that was asked for */
  answered(request: { method: string; route: string; status: number }, seconds: number): void {
    const { method, route, status } = request;
    this.http.observe({ method, route, status: `${Math.floor(status / 100)}xx` }, seconds);
  }

  /** A statement has run. */
  queried(sql: string, seconds: number, failed: boolean): void {
    const [word = ''] = sql.trimStart().split(/\s/, 1);
    const kind = /^(select|insert|update|delete)$/i.test(word) ? word.toLowerCase() : 'other';
    this.query.observe({ kind }, seconds);
    if (failed) this.queryErrors.inc();
  }

  /** A batch was stored. */
  ingested(batch: {
    readonly seconds: number;
    readonly records: readonly { readonly kind: string }[];
    readonly deadLetters: number;
    readonly missing: number;
    /** Since the end of each interval (s). */
    readonly lags: readonly number[];
  }): void {
    this.batches.inc({ result: batch.records.length > 0 ? 'stored' : 'known' });
    this.batchSeconds.observe(batch.seconds);
    const kinds = new Map<string, number>();
    for (const { kind } of batch.records) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    for (const [kind, count] of kinds) this.records.inc({ kind }, count);
    this.deadLetters.inc(batch.deadLetters);
    this.missing.inc(batch.missing);
    for (const lag of batch.lags) this.lag.observe(Math.max(0, lag));
  }

  /** A batch could not be stored; it gets no receipt and comes again. */
  ingestFailed(): void {
    this.batches.inc({ result: 'failed' });
  }

  /** Run a timer's work and note how it went. @throws what the work throws */
  async job<T>(job: string, work: () => Promise<T>, now: () => number): Promise<T> {
    const end = this.jobSeconds.startTimer({ job });
    try {
      const done = await work();
      end({ result: 'done' });
      this.jobSuccess.set({ job }, now() / 1000);
      return done;
    } catch (error) {
      end({ result: 'failed' });
      throw error;
    }
  }
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
