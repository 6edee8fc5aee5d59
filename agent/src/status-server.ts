import { fileURLToPath } from 'node:url';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { Audits } from './audit/audits.js';
import type { Cameras } from './cameras.js';
import type { WalkTests } from './commissioning/walk-test.js';
import type { AgentConfig } from './config/config.js';
import { probe } from './decoder/probe.js';
import { Diagnostics } from './diagnostics/diagnostics.js';
import type { LogRing } from './diagnostics/log-ring.js';
import { findDevices, readStreams } from './discovery/onvif.js';
import { networkChecks } from './self-test/network-checks.js';
import { runSelfTest } from './self-test/run.js';
import { configuredTimeServer } from './self-test/time-server.js';
import { uplinkChecks } from './self-test/uplink-checks.js';
import type { StatusSource } from './status/agent-status.js';
import { auditRoutes } from './status/audit-routes.js';
import { diagnosticsRoutes } from './status/diagnostics-routes.js';
import { discoveryRoutes, type Discovery } from './status/discovery-routes.js';
import { geometryRoutes, type GeometrySource } from './status/geometry-routes.js';
import { createMetrics } from './status/metrics.js';
import { sceneRoutes } from './status/scene-routes.js';
import { selfTestRoutes, type SelfTest } from './status/self-test-routes.js';
import { createStatusServer } from './status/server.js';
import { withVerdicts } from './status/verdicts.js';
import { walkTestRoutes } from './status/walk-test-routes.js';
import { tlsOptions } from './uplink/connection.js';
import type { Uplink } from './uplink/uplink.js';

/** What the technician's tools beside the status work with. */
export interface Tools {
  readonly geometry: GeometrySource;
  readonly walkTests: WalkTests;
  readonly audits: Audits;
  readonly cameras: Cameras;
  readonly uplink: Uplink;
  readonly diagnostics: Diagnostics;
  readonly ffmpegMajor: number;
}

/** The parts of the status server. */
export interface StatusParts {
  readonly config: AgentConfig;
  readonly source: StatusSource;
  readonly tools: Tools;
  readonly monotonic: () => number;
  readonly logger: Logger;
}

/** The status server with all its tools, every one of them behind the PIN; not listening yet. */
export function statusServer({ config, source, tools, monotonic, logger }: StatusParts): FastifyInstance {
  const { geometry, walkTests, audits, cameras, uplink, diagnostics, ffmpegMajor } = tools;
  return createStatusServer({
    host: config.status.host,
    port: config.status.port,
    pin: config.pin,
    tls: config.tls,
    source,
    features: [
      (app) => geometryRoutes(app, geometry),
      (app) => walkTestRoutes(app, walkTests),
      (app) => auditRoutes(app, audits),
      (app) => sceneRoutes(app, { acceptScene: (id) => cameras.find(id)?.acceptScene() }),
      (app) => selfTestRoutes(app, selfTestOf(config, uplink, monotonic)),
      (app) => discoveryRoutes(app, discoveryWith(ffmpegMajor), logger),
      (app) => diagnosticsRoutes(app, () => diagnostics.bundle()),
    ],
    webRoot: fileURLToPath(new URL('../dist/web', import.meta.url)),
    monotonic,
    logger,
  });
}

function selfTestOf(config: AgentConfig, uplink: Uplink, monotonic: () => number): SelfTest {
  const target = {
    url: config.collector.url,
    tls: () => tlsOptions(config.collector),
    timeServer: configuredTimeServer,
    wall: Date.now,
  };
  const checks = { ...networkChecks(target), ...uplinkChecks(uplink) };
  return (signal) => runSelfTest({ checks, signal, monotonic });
}

function discoveryWith(ffmpegMajor: number): Discovery {
  return {
    find: findDevices,
    streams: readStreams,
    probe: (url, credentials) => probe({ url, credentials }, ffmpegMajor),
  };
}

/** The maker of diagnostics files for a running agent. @param parts.config the configuration in use */
export function diagnosticsOf(
  source: StatusSource,
  parts: {
    readonly config: () => AgentConfig;
    readonly version: string;
    readonly ffmpegMajor: number;
    readonly log: LogRing;
  },
): Diagnostics {
  return new Diagnostics({
    ...parts,
    status: () => withVerdicts(source.status()),
    metrics: createMetrics(source).scrape,
    log: () => parts.log.text(),
    now: Date.now,
  });
}
