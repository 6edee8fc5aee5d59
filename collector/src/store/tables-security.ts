import type { Generated } from 'kysely';
import type { Role } from '../schema/role.js';

/** Tables of people, tokens and the audit log. Times are UTC ms, truth is 0 or 1. */
export interface SecurityTables {
  user: {
    username: string;
    password_hash: string;
    role: Role;
    created_at: number;
    /** 1 while the password is one that somebody else made. */
    must_change: Generated<number>;
    disabled_at: Generated<number | null>;
    /** Encrypted; set while the second factor is being set up, too. */
    totp_secret: Generated<string | null>;
    totp_on: Generated<number>;
    /** Newest time step whose code was taken: a code opens once. */
    totp_step: Generated<number | null>;
  };
  recovery_code: { code_hash: string; username: string; used_at: number | null };
  session: {
    token_hash: string;
    username: string;
    expires_at: number;
    created_at: number;
    seen_at: number;
    address: string;
    browser: string;
  };
  api_token: {
    id: string;
    name: string;
    token_hash: string;
    /** JSON list. */
    scopes: string;
    created_by: string;
    created_at: number;
    expires_at: number;
    used_at: number | null;
    revoked_at: number | null;
  };
  audit_log: {
    seq: number;
    at: number;
    /** A user, "token <name>", "command line <user>" or "nobody". */
    actor: string;
    address: string;
    action: string;
    object: string;
    result: 'done' | 'refused' | 'failed';
    detail: string;
    prev_hash: string;
    hash: string;
  };
  audit_head: { id: number; seq: number; hash: string };
}
