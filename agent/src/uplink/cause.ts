/** Why the collector cannot be reached, as far as the next action depends on it. */
export type UplinkCause = 'password' | 'refused' | 'name' | 'certificate' | 'network' | 'lost';

/** Return codes of MQTT 3.1.1, section 3.2.2.3, for a wrong user or password and for no permission. */
const WRONG_LOGIN: readonly unknown[] = [4, 5];

/** The cause of a failed connection attempt. */
export function causeOf(error: Error): UplinkCause {
  const code = 'code' in error ? error.code : undefined;
  if (WRONG_LOGIN.includes(code)) return 'password';
  if (code === 'ECONNREFUSED') return 'refused';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'name';
  return typeof code === 'string' && /CERT|ERR_TLS|ERR_SSL|EPROTO|SIGNATURE/.test(code)
    ? 'certificate'
    : 'network';
}
