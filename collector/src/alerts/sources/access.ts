import type { Store } from '../../store/store.js';
import { DAY_MS, MINUTE_MS, type Asset, type Sample, type Source } from '../signal.js';
import { gatewayAsset } from './gateways.js';

/** Rule cert-or-cred-expiring: a certificate is due in the last third of its life, at least a week before; a token 14 days. */
const SHARE_OF_LIFE = 1 / 3;
const LEAST_CERTIFICATE_MS = 7 * DAY_MS;
const MOST_TOKEN_MS = 14 * DAY_MS;
/** Rule auth-attack. */
const WINDOW_MS = 10 * MINUTE_MS;
const GUESSES = 5;
/** Somebody must look at a change of rights, also when it was made while no collector looked. */
const PRIVILEGES_WINDOW_MS = DAY_MS;

/** How long certificates of gateways and API tokens are still good for. */
export const credentialSource: Source = {
  signals: ['certificate.margin', 'certificate.days', 'token.margin', 'token.unused'],
  periodMs: 5 * MINUTE_MS,
  async read(store, now) {
    const certificates = await newestCertificates(store);
    const tokens = await store
      .selectFrom('api_token')
      .select(['id', 'name', 'created_at', 'expires_at', 'used_at'])
      .where('revoked_at', 'is', null)
      .where('expires_at', '>', now)
      .execute();
    const tokenAsset = ({ id, name }: { id: string; name: string }): Asset => ({
      ...{ kind: 'token', path: `@collector/token/${id}`, name },
    });
    return {
      'certificate.margin': certificates.map(({ asset, issued_at, expires_at }) => ({
        asset,
        value: (expires_at - now) / Math.max(LEAST_CERTIFICATE_MS, SHARE_OF_LIFE * (expires_at - issued_at)),
      })),
      'certificate.days': certificates.map(({ asset, expires_at }) => ({
        asset,
        value: (expires_at - now) / DAY_MS,
      })),
      'token.margin': tokens.map((token) => ({
        asset: tokenAsset(token),
        value:
          (token.expires_at - now) /
          Math.min(MOST_TOKEN_MS, SHARE_OF_LIFE * (token.expires_at - token.created_at)),
      })),
      'token.unused': tokens.map((token) => ({
        asset: tokenAsset(token),
        value: (now - (token.used_at ?? token.created_at)) / DAY_MS,
      })),
    };
  },
};

/** The one of each gateway that lasts longest: the others have been replaced. */
async function newestCertificates(store: Store) {
  const rows = await store
    .selectFrom('gateway_certificate')
    .innerJoin('gateway', 'gateway.name', 'gateway_certificate.gateway')
    .select(['gateway.site', 'gateway.name', 'issued_at', 'expires_at'])
    .where('revoked_at', 'is', null)
    .orderBy('expires_at')
    .execute();
  const newest = new Map(rows.map((row) => [row.name, { ...row, asset: gatewayAsset(row) }]));
  return [...newest.values()];
}

/** What the audit log says of logins and of rights. */
export const accessSource: Source = {
  signals: ['login.failures-account', 'login.failures-address', 'login.guessed', 'account.privileges'],
  periodMs: 15_000,
  async read(store, now) {
    const logins = await store
      .selectFrom('audit_log')
      .select(['object', 'address', 'result'])
      .where('action', '=', 'login')
      .where('at', '>', now - WINDOW_MS)
      .orderBy('seq')
      .execute();
    const accounts = new Map<string, number>();
    const addresses = new Map<string, number>();
    const guessed = new Set<string>();
    for (const { object, address, result } of logins) {
      if (result === 'failed') {
        accounts.set(object, (accounts.get(object) ?? 0) + 1);
        addresses.set(address, (addresses.get(address) ?? 0) + 1);
      } else if ((accounts.get(object) ?? 0) >= GUESSES) guessed.add(object);
    }
    return {
      'login.failures-account': [...accounts].map(([name, value]) => ({ asset: accountAsset(name), value })),
      'login.failures-address': [...addresses].map(([name, value]) => ({
        asset: { kind: 'address', path: `@collector/address/${name}`, name },
        value,
      })),
      'login.guessed': [...guessed].map((name) => ({ asset: accountAsset(name), value: 1 })),
      'account.privileges': await privilegeChanges(store, now),
    };
  },
};

function accountAsset(name: string): Asset {
  return { kind: 'account', path: `@collector/account/${name}`, name };
}

/** Each change on its own: a person who looked at one has not looked at the next. */
async function privilegeChanges(store: Store, now: number): Promise<Sample[]> {
  const rows = await store
    .selectFrom('audit_log')
    .select(['seq', 'object', 'action', 'detail'])
    .where('at', '>', now - PRIVILEGES_WINDOW_MS)
    .where('action', 'in', ['person.add', 'person.change', 'account.totp-off'])
    .where('result', '=', 'done')
    .execute();
  return rows
    .filter(({ action, detail }) => action === 'account.totp-off' || grants(detail))
    .map(({ seq, object }) => ({ asset: accountAsset(object), value: 1, dim: String(seq) }));
}

/** Somebody becomes an administrator, or loses the second factor. */
function grants(detail: string): boolean {
  return detail === 'admin' || /"role":"admin"|"resetTotp":true/.test(detail);
}
