import type { FastifyInstance } from 'fastify';
import type { Audits } from './audit/audits.js';
import type { Cameras } from './cameras.js';
import type { WalkTests } from './commissioning/walk-test.js';
import type { AgentConfig } from './config/config.js';
import { networkChecks } from './self-test/network-checks.js';
import { runSelfTest } from './self-test/run.js';
import { configuredTimeServer } from './self-test/time-server.js';
import { uplinkChecks } from './self-test/uplink-checks.js';
import { auditRoutes } from './status/audit-routes.js';
import { geometryRoutes, type GeometrySource } from './status/geometry-routes.js';
import { sceneRoutes } from './status/scene-routes.js';
import { selfTestRoutes, type SelfTest } from './status/self-test-routes.js';
import { walkTestRoutes } from './status/walk-test-routes.js';
import type { Uplink } from './uplink/uplink.js';

/** What the technician's tools work with. */
export interface StatusFeaturesOptions {
  readonly config: AgentConfig;
  readonly geometry: GeometrySource;
  readonly walkTests: WalkTests;
  readonly audits: Audits;
  readonly cameras: Cameras;
  readonly uplink: Uplink;
  readonly monotonic: () => number;
}

/** The technician's tools beside the status: routes behind the PIN. */
export function statusFeatures(options: StatusFeaturesOptions): ((app: FastifyInstance) => void)[] {
  const { geometry, walkTests, audits, cameras } = options;
  return [
    (app) => geometryRoutes(app, geometry),
    (app) => walkTestRoutes(app, walkTests),
    (app) => auditRoutes(app, audits),
    (app) => sceneRoutes(app, { acceptScene: (id) => cameras.find(id)?.acceptScene() }),
    (app) => selfTestRoutes(app, selfTestOf(options)),
  ];
}

function selfTestOf({ config, uplink, monotonic }: StatusFeaturesOptions): SelfTest {
  const target = { url: config.collector.url, tls: {}, timeServer: configuredTimeServer, wall: Date.now };
  const checks = { ...networkChecks(target), ...uplinkChecks(uplink) };
  return (signal) => runSelfTest({ checks, signal, monotonic });
}
