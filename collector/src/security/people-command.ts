import { createInterface } from 'node:readline/promises';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { listAuditLog, recorded, verifyAuditLog } from '../audit-log/audit-log.js';
import { commandLineActor, locally } from '../audit-log/command-line.js';
import { ROLES, SCOPES, type Role, type Scope } from '../schema/role.js';
import type { Store } from '../store/store.js';
import { passwordProblem, SHORTEST_PASSWORD } from './passwords.js';
import { newSecret } from './secrets.js';
import { listTokens, makeToken, revokeToken } from './tokens.js';
import { addUser, changeUser, listUsers, replacePassword, UserError } from './users.js';

/** What the commands need of the program. */
interface CommandContext {
  readonly config: () => Option;
  readonly withStore: (file: string, work: (store: Store) => Promise<void>) => Promise<void>;
  readonly print: (line: string) => void;
}

interface ConfigOption {
  readonly config: string;
}

/** Entries of one page of `audit list`. */
const LISTED = 50;

/** Add `user …`, `token …` and `audit …`. */
export function addPeopleCommands(root: Command, context: CommandContext): void {
  userCommands(root.command('user').description('people who may log in'), context);
  tokenCommands(root.command('token').description('API tokens, for programs'), context);
  auditCommands(root.command('audit').description('who did what'), context);
}

function userCommands(user: Command, { config, withStore, print }: CommandContext): void {
  const role = () => new Option('--role <role>', 'what the person may do').choices(ROLES);
  user
    .command('add')
    .description('add a person; the password is asked for, or made where no terminal is there to ask')
    .argument('<name>', '1 to 64 characters', personName)
    .addOption(role().default('admin'))
    .option('--new-password', 'give a user that exists another password and end its logins')
    .addOption(config())
    .action((name: string, options: ConfigOption & { role: Role; newPassword?: true }) =>
      withStore(options.config, async (store) =>
        print(await savePerson(store, { username: name, role: options.role }, options.newPassword === true)),
      ),
    );
  user
    .command('list')
    .description('print every user')
    .addOption(config())
    .action((options: ConfigOption) =>
      withStore(options.config, async (store) => {
        for (const { username, role: is, disabledAt, totp } of await listUsers(store)) {
          print([username, is, disabledAt === null ? 'active' : 'disabled', totp ? 'totp' : '-'].join('\t'));
        }
      }),
    );
  const change = (name: string, description: string) =>
    user.command(name).description(description).argument('<name>', 'user', personName).addOption(config());
  const apply = (username: string, file: string, wanted: Parameters<typeof changeUser>[2]) =>
    withStore(file, async (store) => {
      const now = Date.now();
      await recorded(store, locally('person.change', username, JSON.stringify(wanted)), now, (trx) =>
        changeUser(trx, username, wanted, now),
      );
      print(`user ${username} changed; logins from before have ended`);
    });
  change('set-role', 'change what a person may do')
    .addOption(role().makeOptionMandatory())
    .action((name: string, options: ConfigOption & { role: Role }) =>
      apply(name, options.config, { role: options.role }),
    );
  change('disable', 'lock a person out').action((name: string, options: ConfigOption) =>
    apply(name, options.config, { disabled: true }),
  );
  change('enable', 'let a person in again').action((name: string, options: ConfigOption) =>
    apply(name, options.config, { disabled: false }),
  );
  change('reset-totp', 'take away the second factor of somebody who lost it').action(
    (name: string, options: ConfigOption) => apply(name, options.config, { resetTotp: true }),
  );
}

function tokenCommands(token: Command, { config, withStore, print }: CommandContext): void {
  token
    .command('add')
    .description('make a token and print it, which is shown this once')
    .argument('<name>', 'what it is for')
    .addOption(new Option('--scope <scope...>', 'what it may do').choices(SCOPES).makeOptionMandatory())
    .option('--days <n>', 'how long it is good for, at most 366', days, 90)
    .addOption(config())
    .action((name: string, options: ConfigOption & { scope: Scope[]; days: number }) =>
      withStore(options.config, async (store) => {
        const { scope: scopes, days: length } = options;
        const now = Date.now();
        const entry = locally('token.make', name, `${scopes.join(' ')}, ${length} days`);
        const wanted = { name, scopes, days: length, createdBy: commandLineActor() };
        const made = await recorded(store, entry, now, (trx) => makeToken(trx, wanted, now));
        print(
          `token ${made.id}: ${made.token} (shown this once, until ${new Date(made.expiresAt).toISOString()})`,
        );
      }),
    );
  token
    .command('list')
    .description('print every token, without its secret')
    .addOption(config())
    .action((options: ConfigOption) =>
      withStore(options.config, async (store) => {
        for (const one of await listTokens(store)) {
          const state = one.revokedAt !== null ? 'revoked' : one.expiresAt < Date.now() ? 'expired' : 'good';
          print(
            [one.id, one.name, state, new Date(one.expiresAt).toISOString(), one.scopes.join(',')].join('\t'),
          );
        }
      }),
    );
  token
    .command('revoke')
    .description('end a token for good')
    .argument('<id>', 'of the list')
    .addOption(config())
    .action((id: string, options: ConfigOption) =>
      withStore(options.config, async (store) => {
        const now = Date.now();
        await recorded(store, locally('token.revoke', id), now, async (trx) => {
          if ((await revokeToken(trx, id, now)) === undefined)
            throw new UserError(`there is no token "${id}" in force; "token list" shows all`);
        });
        print(`token ${id} is revoked`);
      }),
    );
}

function auditCommands(log: Command, { config, withStore, print }: CommandContext): void {
  log
    .command('list')
    .description(`print the newest ${LISTED} entries`)
    .addOption(config())
    .action((options: ConfigOption) =>
      withStore(options.config, async (store) => {
        for (const { seq, at, actor: who, action, object, result } of await listAuditLog(store, {
          limit: LISTED,
        }))
          print([seq, new Date(at).toISOString(), who, action, object, result].join('\t'));
      }),
    );
  log
    .command('verify')
    .description('walk along the chain of hashes; exit code 1 where an entry was changed or is gone')
    .addOption(config())
    .action((options: ConfigOption) =>
      withStore(options.config, async (store) => {
        const { entries, hash, broken } = await verifyAuditLog(store, (seen) =>
          process.stderr.write(process.stderr.isTTY ? `\r${seen} entries` : ''),
        );
        if (broken !== undefined)
          throw new UserError(
            `entry ${broken.seq}: ${broken.problem}; ${entries} entries before it are whole`,
          );
        print(`${entries} entries, none changed or gone; last hash ${hash}`);
      }),
    );
}

/** Give somebody a password. @returns what to tell the person at the command line */
async function savePerson(
  store: Store,
  { username, role }: { username: string; role: Role },
  exists: boolean,
): Promise<string> {
  const typed = process.stdin.isTTY ? await askPassword(username) : undefined;
  const password = typed ?? newSecret();
  const now = Date.now();
  const entry = locally(exists ? 'person.password' : 'person.add', username, role);
  await recorded(store, entry, now, async (trx) => {
    const user = { username, password, role, mustChange: false };
    const done = exists ? await replacePassword(trx, user) : await addUser(trx, user, now);
    if (!done && exists)
      throw new UserError(`there is no user "${username}"; leave --new-password out to add it`);
    if (!done)
      throw new UserError(`there is a user "${username}" already; --new-password changes the password`);
  });
  return typed === undefined
    ? `user ${username}, password ${password} (shown this once)`
    : `user ${username} saved`;
}

/** A password typed without being shown. */
async function askPassword(username: string): Promise<string> {
  process.stdout.write(`Password (${SHORTEST_PASSWORD} characters or more, not shown): `);
  const terminal = createInterface({ input: process.stdin, terminal: true });
  const password = await terminal.question('');
  terminal.close();
  process.stdout.write('\n');
  const problem = passwordProblem(username, password);
  if (problem !== undefined) throw new UserError(problem);
  return password;
}

/** As long as the login page takes. */
function personName(value: string): string {
  if (!/^\S{1,64}$/.test(value)) throw new InvalidArgumentError('must be 1 to 64 characters without spaces');
  return value;
}

function days(value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1 || number > 366)
    throw new InvalidArgumentError('must be a whole number from 1 to 366');
  return number;
}
