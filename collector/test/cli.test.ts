import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import tls from 'node:tls';
import { fileURLToPath } from 'node:url';
import { onTestFinished, expect, test } from 'vitest';
import { z } from 'zod';
import { Authority } from '../src/pki/authority.js';
import { connect, countRecord, TestGateway } from './_util/gateway.js';
import { Program, type Outcome } from './_util/program.js';
import { until } from './_util/until.js';

function run(...args: string[]): Promise<Outcome> {
  return new Program(args).outcome();
}

/** A configuration file in a folder of its own. */
function configFile(changes = ''): string {
  const folder = mkdtempSync(join(tmpdir(), 'headcount-cli-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'collector.yaml');
  writeFileSync(file, `dataDir: ${folder}/data\nhttp: { port: 0 }\nmqtt: { port: 0 }\n${changes}`);
  return file;
}

test('run prints the first password and the addresses, counts arrive, and SIGTERM ends it cleanly', async () => {
  const config = configFile();
  const program = new Program(['run', '--config', config]);
  const { httpUrl, mqttUrl } = await program.listening();
  const [, firstPassword = ''] = /^first start: user admin, password (\S+)/m.exec(program.stdout) ?? [];
  expect(firstPassword).toHaveLength(43);

  const added = await run('gateway', 'add', 'lobby', '--json', '--config', config);
  expect(added).toMatchObject({ code: 0, stderr: '' });
  const { name, password } = z
    .object({ name: z.string(), password: z.string() })
    .parse(JSON.parse(added.stdout));
  const gateway = await TestGateway.connect(mqttUrl, name, password);
  expect((await gateway.deliver(1, [countRecord(Date.UTC(2026, 0, 1))])).storedUpTo).toBe(1);
  const login = await fetch(`${httpUrl}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: 'admin', password: firstPassword }),
  });
  expect(login.status).toBe(200);

  program.child.kill('SIGTERM');
  const { code, stderr } = await program.outcome();
  expect(code).toBe(0);
  expect(stderr).toMatch(/"message":"stopped"/);
  for (const secret of [firstPassword, password]) expect(stderr).not.toContain(secret);

  const second = new Program(['run', '--config', config]);
  await second.listening();
  expect(second.stdout).not.toMatch(/password/);
  second.child.kill('SIGINT');
  expect((await second.outcome()).code).toBe(0);
});

test('on SIGHUP new certificate files are shown, broken ones are refused, and open connections stay', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'headcount-cli-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const [certFile, keyFile] = [join(folder, 'tls.crt'), join(folder, 'tls.key')];
  const authority = await Authority.open(folder, Date.now());
  const renew = async () => {
    const { key, certificate } = await authority.issueServer(['localhost'], Date.now());
    writeFileSync(certFile, certificate + authority.pem);
    writeFileSync(keyFile, key);
    return new X509Certificate(certificate).fingerprint256;
  };
  const before = await renew();
  const config = configFile(
    `mqtts: { host: 127.0.0.1, port: 0 }\ntls: { certFile: ${certFile}, keyFile: ${keyFile} }\n`,
  );
  const program = new Program(['run', '--config', config]);
  const [, port] = await until(
    () => /^listening .* mqtts:\S+:(\d+)$/m.exec(program.stdout) ?? undefined,
    'ready',
  );
  const options = { host: '127.0.0.1', port: Number(port), ca: authority.pem, servername: 'localhost' };
  const { password } = z
    .object({ password: z.string() })
    .parse(JSON.parse((await run('gateway', 'add', 'lobby', '--json', '--config', config)).stdout));
  const url = `mqtts://localhost:${port}`;
  const login = { clientId: 'lobby', username: 'lobby', password, ca: authority.pem };
  const gateway = new TestGateway('lobby', await connect(url, login), 'x');
  await gateway.client.subscribeAsync('headcount/v1/lobby/receipt', { qos: 1 });
  const shown = async () => {
    const socket = tls.connect(options);
    await once(socket, 'secureConnect');
    const { fingerprint256 } = socket.getPeerCertificate();
    socket.destroy();
    return fingerprint256;
  };
  const said = (words: string, times = 1) =>
    until(() => program.stderr.split(words).length > times || undefined, words);
  expect(await shown()).toBe(before);
  const after = await renew();
  program.child.kill('SIGHUP');
  await said('the listeners show another certificate');
  expect(program.stderr).toContain(after);
  expect(await shown()).toBe(after);

  writeFileSync(certFile, 'no certificate');
  program.child.kill('SIGHUP');
  await said('could not be renewed; the old one stays');
  expect(await shown()).toBe(after);
  // Key and certificate that do not belong to each other.
  writeFileSync(
    certFile,
    (await authority.issueServer(['localhost'], Date.now())).certificate + authority.pem,
  );
  program.child.kill('SIGHUP');
  await said('could not be renewed; the old one stays', 2);
  expect(await shown()).toBe(after);
  expect((await gateway.deliver(1, [countRecord(Date.UTC(2026, 0, 1))])).storedUpTo).toBe(1);
});

test('check-config names every problem at once, with its line, and exits 2', async () => {
  const config = configFile('timeZone: Mars/Olympus\nlogLevel: loud\ncolour: red\n');
  const { code, stdout, stderr } = await run('check-config', '--config', config);
  expect(code).toBe(2);
  expect(stdout).toBe('');
  expect(stderr).toMatch(/timeZone \(line 4\)/);
  expect(stderr).toMatch(/logLevel \(line 5\)/);
  expect(stderr).toMatch(/colour/);
  expect(stderr).not.toMatch(/ {4}at /);
  expect(await run('check-config', '--config', configFile())).toMatchObject({ code: 0, stderr: '' });
});

test('the example configuration is valid', async () => {
  const example = fileURLToPath(new URL('../../deploy/collector.example.yaml', import.meta.url));
  expect(await run('check-config', '--config', example)).toMatchObject({ code: 0, stderr: '' });
  expect(readFileSync(example, 'utf8')).not.toMatch(/password:/);
});

test('the configuration file may be named by the environment', async () => {
  const config = configFile();
  const program = new Program(['check-config'], { HEADCOUNT_COLLECTOR_CONFIG: config });
  expect(await program.outcome()).toMatchObject({ code: 0, stdout: `${config} is fine\n` });
});

test('a gateway is added once, listed, and can get another password', async () => {
  const config = configFile('timeZone: Asia/Ho_Chi_Minh\n');
  const add = (...args: string[]) => run('gateway', 'add', ...args, '--config', config);
  expect((await add('lobby', '--site', 'shop')).stdout).toMatch(
    /^gateway lobby, password \S{43} \(shown this once\)\n$/,
  );
  expect(await add('lobby', '--site', 'shop')).toMatchObject({
    code: 1,
    stderr:
      'headcount-collector: there is a gateway "lobby" already; --new-password gives it another password\n',
  });
  expect((await add('lobby', '--new-password')).stdout).toMatch(/^gateway lobby, password \S{43}/);
  expect(await add('cellar', '--new-password')).toMatchObject({ code: 1, stdout: '' });
  expect(await add('gate', '--site', 'shop', '--time-zone', 'Europe/Berlin')).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/site "shop" is in Asia\/Ho_Chi_Minh already/) as string,
  });
  expect((await run('gateway', 'list', '--config', config)).stdout).toBe('lobby\tshop\tnever-seen\t-\n');
});

test('an enrolment code is made where there are TLS listeners, and says what to type on the gateway', async () => {
  const plain = await run('gateway', 'enroll-code', 'lobby', '--config', configFile());
  expect(plain).toMatchObject({ code: 1, stdout: '' });
  expect(plain.stderr).toMatch(
    /^headcount-collector: enrolment needs TLS: add "https: \{\}" and "mqtts: \{\}"/,
  );
  const config = configFile('https: {}\nmqtts: {}\ntls: { names: [collector.example] }\n');
  const made = await run(
    'gateway',
    'enroll-code',
    'lobby',
    '--site',
    'shop',
    '--valid',
    '2h',
    '--config',
    config,
  );
  expect(made).toMatchObject({ code: 0, stderr: '' });
  const [, code = ''] =
    /enrolment code (\S{47}) \(shown this once, works once, until/.exec(made.stdout) ?? [];
  expect(made.stdout).toContain(`headcount-agent enroll https://collector.example:8443 ${code}\n`);
  const moved = await run('gateway', 'enroll-code', 'lobby', '--site', 'hq', '--config', config);
  expect(moved.stderr).toMatch(/gateway "lobby" is of site "shop"/);
  const revoked = await run('gateway', 'revoke', 'lobby', '--config', config);
  expect(revoked.stdout).toBe('gateway lobby: 0 certificates revoked, its password opens nothing any more\n');
  const nobody = await run('gateway', 'revoke', 'attic', '--config', config);
  expect(nobody.code).toBe(1);
  expect(nobody.stderr).toContain('there is no gateway "attic"');
});

test('what the command line changes stands in the audit log, and what it refused does not', async () => {
  const config = configFile('https: {}\nmqtts: {}\n');
  const settings = join(mkdtempSync(join(tmpdir(), 'headcount-cli-')), 'settings.yaml');
  writeFileSync(settings, 'logLevel: debug\n');
  onTestFinished(() => rmSync(dirname(settings), { recursive: true }));
  for (const args of [
    ['gateway', 'add', 'lobby'],
    ['gateway', 'add', 'lobby'],
    ['gateway', 'add', 'lobby', '--new-password'],
    ['gateway', 'config', 'lobby', '--file', settings],
    ['gateway', 'enroll-code', 'cellar'],
    ['gateway', 'revoke', 'cellar'],
    ['site', 'set', 'main', '--closing-time', '22:00'],
  ])
    await run(...args, '--config', config);
  const { stdout } = await run('audit', 'list', '--config', config);
  const entries = stdout
    .trim()
    .split('\n')
    .map((line) => line.split('\t').slice(3, 6).join(' '));
  expect(entries.reverse()).toEqual([
    'gateway.add lobby done',
    'gateway.password lobby done',
    'desired.put lobby done',
    'enrolment.code cellar done',
    'gateway.revoke cellar done',
    'site.change main done',
  ]);
});

test.each([
  ['a name that cannot stand in a topic', ['gateway', 'add', 'Lobby!'], /1 to 63 characters/],
  [
    'an unknown time zone',
    ['gateway', 'add', 'lobby', '--time-zone', 'Mars'],
    /no time zone of the IANA database/,
  ],
  ['a code for ever', ['gateway', 'enroll-code', 'lobby', '--valid', '90d'], /up to 30d/],
  ['an unknown command', ['fly'], /unknown command/],
  ['no name', ['gateway', 'add'], /missing required argument/],
])('%s is wrong usage: one clear line and exit code 2', async (_name, args, message) => {
  const { code, stderr } = await run(...args);
  expect(code).toBe(2);
  expect(stderr).toMatch(message);
  expect(stderr).not.toMatch(/ {4}at /);
});

test('a missing configuration and a port that is taken are said without a stack', async () => {
  const missing = await run('run', '--config', '/nowhere/collector.yaml');
  expect(missing).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/cannot be read \(ENOENT\)/) as string,
  });

  const config = configFile();
  const first = new Program(['run', '--config', config]);
  const { mqttUrl } = await first.listening();
  const taken = configFile();
  writeFileSync(
    taken,
    readFileSync(taken, 'utf8').replace('mqtt: { port: 0 }', `mqtt: { port: ${new URL(mqttUrl).port} }`),
  );
  const { code, stdout, stderr } = await run('run', '--config', taken);
  expect(code).toBe(1);
  expect(stdout).toBe('');
  expect(stderr).toMatch(/^headcount-collector: .*EADDRINUSE/m);
});

test('a user is added with a made password that works, and again with another one', async () => {
  const config = configFile();
  const program = new Program(['run', '--config', config]);
  const { httpUrl } = await program.listening();
  const logIn = (password: string) =>
    fetch(`${httpUrl}/api/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: 'mai', password }),
    });
  const passwordOf = ({ stdout }: Outcome) => /password (\S+)/.exec(stdout)?.[1] ?? '';
  const first = passwordOf(await run('user', 'add', 'mai', '--config', config));
  expect((await logIn(first)).status).toBe(200);
  expect(await run('user', 'add', 'mai', '--config', config)).toMatchObject({ code: 1, stdout: '' });
  const second = passwordOf(await run('user', 'add', 'mai', '--new-password', '--config', config));
  expect((await logIn(first)).status).toBe(401);
  expect((await logIn(second)).status).toBe(200);
});
