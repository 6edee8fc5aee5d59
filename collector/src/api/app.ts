import cookie from '@fastify/cookie';
import etag from '@fastify/etag';
import helmet from '@fastify/helmet';
import swagger from '@fastify/swagger';
import underPressure from '@fastify/under-pressure';
import Fastify, { type FastifyInstance } from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import type { Logger } from 'pino';
import { accuracyRoutes } from '../accuracy/routes.js';
import { alertRoutes } from '../alerts/routes.js';
import { auditLogRoutes } from '../audit-log/routes.js';
import { availabilityRoutes } from '../availability/routes.js';
import { connectionRoutes, type Connections } from '../broker/routes.js';
import type { Commands } from '../commands/commands.js';
import { commandRoutes } from '../commands/routes.js';
import { fleetRoutes } from '../counts/fleet-routes.js';
import { ledgerRoutes } from '../counts/ledger-routes.js';
import { countRoutes } from '../counts/routes.js';
import { siteRoutes } from '../counts/site-routes.js';
import { drillRoutes } from '../drill/routes.js';
import { errorRoutes } from '../error-groups/routes.js';
import { credentialRoutes } from '../fleet/credential-routes.js';
import { desiredRoutes } from '../fleet/desired-routes.js';
import { enrolmentRoutes, type EnrolmentSide } from '../fleet/enrolment-routes.js';
import { presetRoutes } from '../fleet/preset-routes.js';
import { rolloutRoutes } from '../fleet/rollout-routes.js';
import type { Handbook } from '../handbook/handbook.js';
import { handbookRoutes } from '../handbook/routes.js';
import { heartbeatRoutes } from '../heartbeats/routes.js';
import { alertResolved } from '../incidents/from-alerts.js';
import { incidentRoutes } from '../incidents/routes.js';
import type { Live } from '../live/live.js';
import { liveRoutes } from '../live/routes.js';
import { maintenanceRoutes } from '../maintenance/routes.js';
import { notifyRoutes, type NotifySide } from '../notify/routes.js';
import type { Metrics } from '../observability/metrics.js';
import type { Probe } from '../observability/readiness.js';
import { observabilityRoutes } from '../observability/routes.js';
import type { SendCode } from '../oncall/contacts.js';
import { oncallRoutes } from '../oncall/routes.js';
import type { Releases } from '../releases/releases.js';
import { releaseRoutes } from '../releases/routes.js';
import { reportRoutes } from '../reports/routes.js';
import { ProblemError } from '../schema/problem.js';
import { accountRoutes } from '../security/account-routes.js';
import { peopleRoutes, tokenRoutes } from '../security/people-routes.js';
import { sessionRoutes } from '../security/routes.js';
import type { Vault } from '../security/vault.js';
import type { Answers } from '../slo/answers.js';
import { sloRoutes } from '../slo/routes.js';
import type { Queryable, Store } from '../store/store.js';
import { vulnerabilityRoutes } from '../vulnerabilities/routes.js';
import { webhookRoutes } from '../webhooks/routes.js';
import { CARE_ROUTES, installAccessLog, requestId } from './access-log.js';
import { consoleRoutes } from './console.js';
import { describeRoute, docsRoutes } from './docs.js';
import { installGuard } from './guard.js';
import { installProblems } from './problems.js';

const BODY_LIMIT_BYTES = 64 * 1024;
const YEAR_S = 365 * 24 * 3600;

/** What the API needs. */
export interface AppOptions {
  readonly store: Store;
  readonly vault: Vault;
  readonly live: Live;
  readonly commands: Commands;
  readonly releases: Releases;
  readonly connections: Connections;
  readonly handbook: Handbook;
  readonly notify: NotifySide;
  /** Called after a desired configuration was changed. */
  readonly onDesired: () => Promise<void>;
  /** Folder of the built console. */
  readonly webRoot: string;
  readonly metrics: Metrics;
  /** Told of every answer. */
  readonly answers: Answers;
  readonly probes: readonly Probe[];
  readonly version: string;
  /** Undefined where the collector has no TLS listeners: nobody can enrol then. */
  readonly enrolment: EnrolmentSide | undefined;
  /** IANA zone of a site that is made without one. */
  readonly defaultTimeZone: string;
  /** Something that gateways log in with counts no more: connections with it must end. */
  readonly onRevoked: () => void;
  /** Sends the code that proves that an address is somebody's. */
  readonly sendCode: SendCode;
  /** UTC ms. */
  readonly now: () => number;
  readonly logger: Logger;
}

/** The HTTP server of API and console: every route needs a session unless it says otherwise. */
export async function createApp(options: AppOptions): Promise<FastifyInstance> {
  const app = Fastify({
    ...{ logger: false, bodyLimit: BODY_LIMIT_BYTES, forceCloseConnections: true },
    genReqId: ({ headers }) => requestId(headers),
  });
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  installProblems(app, options.logger);
  installAccessLog(app, options);
  await app.register(underPressure, PRESSURE);
  await app.register(helmet, {
    contentSecurityPolicy: { directives: CONTENT_SECURITY_POLICY },
    enableCSPNonces: true,
    // On TLS only: browsers ignore it elsewhere.
    hsts: { maxAge: YEAR_S },
    permittedCrossDomainPolicies: false,
  });
  app.addHook('onSend', async (_request, reply) => {
    reply.header('permissions-policy', 'camera=(), geolocation=(), microphone=(), payment=(), usb=()');
    return Promise.resolve();
  });
  await app.register(cookie);
  // A page that asks again and again is told when nothing has changed.
  await app.register(etag);
  await app.register(swagger, {
    openapi: { openapi: '3.1.0', info: { title: 'Headcount collector', version: options.version } },
    transform: describeRoute,
  });
  installGuard(app, options);
  await app.register(async (api) => {
    sessionRoutes(api, options);
    accountRoutes(api, options);
    peopleRoutes(api, options);
    tokenRoutes(api, options);
    auditLogRoutes(api, options);
    errorRoutes(api, options);
    fleetRoutes(api, options);
    connectionRoutes(api, options);
    siteRoutes(api, options);
    countRoutes(api, options);
    ledgerRoutes(api, options);
    maintenanceRoutes(api, options);
    availabilityRoutes(api, options);
    sloRoutes(api, options);
    accuracyRoutes(api, options);
    liveRoutes(api, options);
    credentialRoutes(api, options);
    desiredRoutes(api, options);
    presetRoutes(api, options);
    rolloutRoutes(api, options);
    commandRoutes(api, options);
    releaseRoutes(api, options);
    webhookRoutes(api, options);
    heartbeatRoutes(api, options);
    vulnerabilityRoutes(api, options);
    const onIncident = (incident: string) => options.live.incidentChanged(incident, options.now());
    const onResolved = (trx: Queryable, alert: string) => alertResolved(trx, alert, options.now());
    alertRoutes(api, { ...options, onResolved, onIncident });
    drillRoutes(api, options);
    oncallRoutes(api, options);
    reportRoutes(api, options);
    handbookRoutes(api, options.handbook);
    incidentRoutes(api, { ...options, stepsOf: options.handbook.stepsOf, onIncident });
    await notifyRoutes(api, options.notify);
    if (options.enrolment !== undefined) enrolmentRoutes(api, { ...options, enrolment: options.enrolment });
    observabilityRoutes(api, options);
    await docsRoutes(api);
  });
  await consoleRoutes(app, options.webRoot);
  return app;
}

/** Everything from this origin only; a nonce lets the page's own style elements in, and charts set style attributes. */
const CONTENT_SECURITY_POLICY = {
  defaultSrc: ["'self'"],
  scriptSrc: ["'self'"],
  styleSrc: ["'self'"],
  styleSrcAttr: ["'unsafe-inline'"],
  imgSrc: ["'self'", 'data:'],
  objectSrc: ["'none'"],
  baseUri: ["'none'"],
  formAction: ["'self'"],
  frameAncestors: ["'none'"],
  upgradeInsecureRequests: null,
};

/**
 * When answers cannot be in time any more, requests are told so at once instead of being kept waiting; gateways are not
 * affected. A second of delay is five times what an answer may take; the memory is more than 2,000 gateways need.
 */
const PRESSURE: Parameters<typeof underPressure>[1] = {
  maxEventLoopDelay: 1000,
  maxRssBytes: 2 * 2 ** 30,
  retryAfter: 10,
  pressureHandler: (request) => {
    if (CARE_ROUTES.has(request.routeOptions.url ?? '')) return;
    throw new ProblemError(503, 'the collector is overloaded; try again in 10 s', { 'retry-after': '10' });
  },
};
