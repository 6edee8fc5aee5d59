import { X509Certificate, createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readSecret } from '@headcount/shared';
import { z } from 'zod';

/** The password may come from this environment variable instead of a file. */
const PASSWORD_VARIABLE = 'HEADCOUNT_GATEWAY_PASSWORD';

/** How this gateway reaches the collector and proves who it is: by certificate, or by password. */
export const collectorSchema = z
  .strictObject({
    url: z
      .string()
      .regex(/^mqtts?:\/\/[^@]+$/, 'must be mqtt://host:port or mqtts://host:port, without a password'),
    httpsUrl: z
      .string()
      .regex(/^https:\/\/[^@/]+$/, 'must be https://host:port')
      .optional()
      .describe('where the certificate is renewed; "headcount-agent enroll" writes it'),
    passwordFile: z.string().min(1).optional().describe(`or the environment variable ${PASSWORD_VARIABLE}`),
    caFile: z
      .string()
      .min(1)
      .optional()
      .describe('root certificate of the collector, PEM; else the system knows it'),
    certFile: z.string().min(1).optional().describe('certificate of this gateway, PEM'),
    keyFile: z.string().min(1).optional().describe('its private key, PEM'),
  })
  .superRefine(({ url, passwordFile, certFile, keyFile }, context) => {
    const problem = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message });
    if ((certFile === undefined) !== (keyFile === undefined))
      problem(
        certFile === undefined ? 'keyFile' : 'certFile',
        'needs the other one of certFile and keyFile too',
      );
    if (certFile === undefined) return;
    if (!url.startsWith('mqtts:')) problem('url', 'must be mqtts://host:port where certFile is given');
    if (passwordFile !== undefined)
      problem('passwordFile', 'must go where certFile is given: the certificate is the login');
  });

/** The `collector` part of the configuration. */
export type CollectorConfig = z.infer<typeof collectorSchema>;

/** Certificate files of the connection to the collector; read anew for each connection. */
export interface TlsFiles {
  readonly caFile?: string | undefined;
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
}

/**
 * Check the login that a configuration names: the files of a certificate, else the password.
 * @param problem called for whatever is wrong
 * @returns the password; undefined where a certificate is the login
 */
export function readLogin(
  collector: CollectorConfig,
  env: NodeJS.ProcessEnv,
  problem: (path: string[], message: string) => void,
): string | undefined {
  if (collector.caFile !== undefined) certificateOf(collector.caFile, 'caFile', problem);
  if (collector.certFile !== undefined && collector.keyFile !== undefined) {
    const certificate = certificateOf(collector.certFile, 'certFile', problem);
    checkKey(collector.keyFile, certificate, problem);
    return undefined;
  }
  const password = readSecret(collector.passwordFile, PASSWORD_VARIABLE, env);
  if ('secret' in password) return password.secret;
  problem(
    ['collector', 'passwordFile'],
    `${password.problem}, or enrol this gateway: headcount-agent enroll`,
  );
  return undefined;
}

type Problem = (path: string[], message: string) => void;

function certificateOf(file: string, field: string, problem: Problem): X509Certificate | undefined {
  try {
    return new X509Certificate(readFileSync(file));
  } catch (error) {
    problem(['collector', field], `${file} holds no certificate that can be read (${codeOf(error)})`);
    return undefined;
  }
}

function checkKey(file: string, certificate: X509Certificate | undefined, problem: Problem): void {
  try {
    const key = createPrivateKey(readFileSync(file));
    if (certificate?.checkPrivateKey(key) === false)
      problem(['collector', 'keyFile'], `${file} is not the key of the certificate; enrol again`);
  } catch (error) {
    problem(['collector', 'keyFile'], `${file} holds no private key that can be read (${codeOf(error)})`);
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
}
