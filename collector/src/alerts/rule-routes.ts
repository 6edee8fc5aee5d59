import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { ruleTrialSchema, ruleVersionsSchema, tryRuleSchema } from '../schema/alert-rules.js';
import type { AlertRouteOptions } from './routes.js';
import { ruleVersions } from './rule-versions.js';
import { currentRule } from './rules.js';
import { tryOverride } from './try-override.js';

const params = z.object({ slug: z.string().max(64) });

/** Where a rule comes from, and what a change of it would do: the versions and the comparison on history. */
export function historyRoutes(app: FastifyInstance, { store, now }: AlertRouteOptions): void {
  const api = app.withTypeProvider<ZodTypeProvider>();
  api.get(
    '/api/v1/alert-rules/:slug/versions',
    {
      config: { role: 'viewer', scope: 'fleet:read' },
      schema: {
        summary: 'Who changed a rule, when and what, with the default',
        params,
        response: { 200: ruleVersionsSchema },
      },
    },
    async (request) => ruleVersions(store, request.params.slug),
  );
  api.post(
    '/api/v1/alert-rules/:slug/dry-run',
    {
      config: { role: 'admin' },
      schema: {
        summary: 'What a rule would have done if it were changed so, beside what it would have done as it is',
        description: 'Checks what saving checks, and changes nothing. Inhibition and silences are left out.',
        params,
        body: tryRuleSchema,
        response: { 200: ruleTrialSchema },
      },
    },
    async ({ params: { slug }, body }) => tryOverride(store, await currentRule(store, slug), body, now()),
  );
}
