import { z } from 'zod';

/** A TCP port; 0 takes any free one. */
const portSchema = z.int().min(0).max(65535);

/**
 * TLS listeners, which open only where the configuration names them (`https: {}` is enough). What is named is meant for
 * gateways and people elsewhere, so they take every address unless told otherwise.
 */
export const secureListeners = {
  https: z
    .strictObject({
      host: z.string().min(1).default('0.0.0.0').describe('address of console, API and enrolment with TLS'),
      port: portSchema.default(8443),
    })
    .optional(),
  mqtts: z
    .strictObject({
      host: z.string().min(1).default('0.0.0.0').describe('address of the broker with TLS'),
      port: portSchema.default(8883),
    })
    .optional(),
  tls: z
    .strictObject({
      names: z
        .array(z.hostname().or(z.ipv4()).or(z.ipv6()))
        .max(50)
        .default([])
        .describe('DNS names and IP addresses by which gateways and browsers reach this machine'),
      certFile: z
        .string()
        .min(1)
        .optional()
        .describe(
          'certificate, those above it and the root, PEM; the collector signs its own where it is missing',
        ),
      keyFile: z.string().min(1).optional().describe('its private key, PEM'),
    })
    .refine(({ certFile, keyFile }) => (certFile === undefined) === (keyFile === undefined), {
      error: 'needs the other one of certFile and keyFile too',
      path: ['certFile'],
    })
    .prefault({}),
};
