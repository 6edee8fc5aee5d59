import type { AgentConfig } from '../config/config.js';

/** What stands in the place of a secret. */
const CENSORED = '***';
/** Names of parameters in camera addresses that carry a login. */
const LOGIN_PARAMETERS =
  /([?&;](?:user|usr|username|login|pass|passwd|password|pwd|token|key|auth)=)[^&;#\s"]*/gi;

/** Every secret of a configuration, in all the ways in which it is written somewhere on its way. */
function secretsOf({ gateway, password, pin, tls, cameras }: AgentConfig): string[] {
  const logins = [
    ...cameras.flatMap(({ credentials }) => credentials ?? []),
    ...(password === undefined ? [] : [{ user: gateway, password }]),
    { user: 'technician', password: pin },
  ];
  const plain = logins.map((login) => login.password).filter((secret) => secret !== pin);
  const basic = logins.map((login) => base64(`${login.user}:${login.password}`));
  // The lines of a key: where it is quoted, its line breaks are written in some other way.
  const key = tls?.key.split('\n').filter((line) => line !== '' && !line.startsWith('-----')) ?? [];
  return [
    ...plain,
    ...plain.flatMap((secret) => [encodeURIComponent(secret), base64(secret), escaped(secret)]),
    ...basic,
    ...key,
  ];
}

/**
 * The last look at a text before it leaves the gateway: takes out every secret that the configuration knows, whatever
 * field or log line it got into. Logs and answers are free of them already; this is the net below.
 */
export function scrubber(config: AgentConfig): (text: string) => string {
  // The longer ones first: one secret may be a part of another.
  const secrets = secretsOf(config)
    .filter((secret) => secret.length > 3)
    .sort((one, other) => other.length - one.length);
  // A PIN is digits only: as a part of a longer number it is none.
  const pin = new RegExp(`(?<!\\d)${config.pin}(?!\\d)`, 'g');
  return (text) =>
    secrets.reduce(
      (left, secret) => left.replaceAll(secret, CENSORED),
      text.replace(pin, CENSORED).replace(LOGIN_PARAMETERS, `$1${CENSORED}`),
    );
}

/** The configuration as it may be shown: what is secret is named, and only whether it is set. */
export function withoutSecrets(config: AgentConfig): unknown {
  return {
    ...config,
    password: config.password === undefined ? null : CENSORED,
    pin: CENSORED,
    tls: config.tls === undefined ? null : CENSORED,
    cameras: config.cameras.map((camera) => ({
      ...camera,
      credentials: camera.credentials === undefined ? null : CENSORED,
    })),
  };
}

/** As it stands in JSON. */
function escaped(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
