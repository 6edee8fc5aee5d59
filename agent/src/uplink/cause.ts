/** Why the collector cannot be reached, as far as the next action depends on it. */
export type UplinkCause = 'password' | 'refused' | 'name' | 'certificate' | 'network' | 'lost';

/** Whether the broker refused the login: return codes of MQTT 3.1.1, section 3.2.2.3, wrong password and not allowed. */
export function isLoginRefused(code: unknown): boolean {
  return code === 4 || code === 5;
}

/** The cause of a failed connection attempt. */
export function causeOf(error: Error): UplinkCause {
  const code = 'code' in error ? error.code : undefined;
  if (isLoginRefused(code)) return 'password';
  if (code === 'ECONNREFUSED') return 'refused';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'name';
  return typeof code === 'string' && /CERT|ERR_TLS|ERR_SSL|EPROTO|SIGNATURE/.test(code)
    ? 'certificate'
    : 'network';
}
