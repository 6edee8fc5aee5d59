import 'reflect-metadata';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import * as x509 from '@peculiar/x509';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { networkChecks, type NetworkTarget } from '../src/self-test/network-checks.js';

const NTP_EPOCH_SECONDS = 2_208_988_800;
const DAY_MS = 86_400_000;
const now = Date.now();
const servers: { close(): unknown }[] = [];
afterAll(() => servers.forEach((server) => server.close()));

/** A small real time server whose clock is ahead by so many ms. */
async function timeServer(
  aheadMs: number,
  change: (answer: Buffer) => void = () => undefined,
): Promise<number> {
  const socket: Socket = createSocket('udp4');
  socket.on('message', (question, { port, address }) => {
    const answer = Buffer.alloc(48);
    answer[0] = 0x24;
    answer[1] = 2;
    question.copy(answer, 24, 40, 48);
    const at = Date.now() + aheadMs;
    for (const field of [32, 40]) {
      answer.writeUInt32BE(Math.floor(at / 1000) + NTP_EPOCH_SECONDS, field);
      answer.writeUInt32BE(Math.floor(((at % 1000) / 1000) * 2 ** 32), field + 4);
    }
    change(answer);
    socket.send(answer, port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  servers.push(socket);
  return socket.address().port;
}

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  servers.push(server);
  return (server.address() as AddressInfo).port;
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
x509.cryptoProvider.set(crypto);
let authority: { certificate: x509.X509Certificate; keys: CryptoKeyPair };

beforeAll(async () => {
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=Test authority',
    notBefore: new Date(now - 400 * DAY_MS),
    notAfter: new Date(now + 400 * DAY_MS),
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [new x509.BasicConstraintsExtension(true, 1, true)],
  });
  authority = { certificate, keys };
});

/** A TLS server with a certificate of the test authority. */
async function tlsServer(options: { names: string[]; fromDays: number; days: number }): Promise<number> {
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.create({
    subject: 'CN=collector',
    issuer: authority.certificate.subject,
    notBefore: new Date(now + options.fromDays * DAY_MS),
    notAfter: new Date(now + options.days * DAY_MS + 3_600_000),
    publicKey: keys.publicKey,
    signingKey: authority.keys.privateKey,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.SubjectAlternativeNameExtension(
        options.names.map((value) => ({ type: 'dns' as const, value })),
      ),
    ],
  });
  const key = x509.PemConverter.encode(
    await crypto.subtle.exportKey('pkcs8', keys.privateKey),
    'PRIVATE KEY',
  );
  return listen(createTlsServer({ key, cert: certificate.toString('pem') }));
}

function checks(change: Partial<NetworkTarget>) {
  return networkChecks({
    url: 'mqtt://127.0.0.1',
    tls: () => ({}),
    timeServer: () => Promise.resolve('127.0.0.1'),
    wall: Date.now,
    ...change,
  });
}
const signal = () => AbortSignal.timeout(5000);

describe('the self-test on the network', () => {
  it('finds a name, and says of an unknown one that it is unknown', async () => {
    expect(await checks({ url: 'mqtt://localhost' }).dns(signal())).toMatchObject({ code: 'dns-fine' });
    expect(await checks({}).dns(signal())).toMatchObject({ outcome: 'skipped', code: 'dns-not-needed' });
    const nowhere = await checks({ url: 'mqtt://collector.invalid' }).dns(signal());
    // A network without any DNS server cannot say that a name is unknown.
    expect(nowhere.outcome).toBe('bad');
    expect(['dns-unknown', 'dns-failed']).toContain(nowhere.code);
  });

  it('measures the clock against a real time server', async () => {
    const right = await checks({ timePort: await timeServer(0) }).time(signal());
    expect(right).toMatchObject({ outcome: 'good', code: 'time-fine' });
    expect(Math.abs(Number(right.values['ms']))).toBeLessThan(500);
    const wrong = await checks({ timePort: await timeServer(60_000) }).time(signal());
    expect(wrong).toMatchObject({ outcome: 'bad', code: 'time-off' });
    expect(Math.abs(Number(wrong.values['ms']) - 60_000)).toBeLessThan(500);
  });

  it.each([
    ['has no time itself', (answer: Buffer) => answer.writeUInt8(0, 1)],
    ['answers another question', (answer: Buffer) => answer.fill(7, 24, 32)],
    ['is no time server', (answer: Buffer) => answer.writeUInt8(0x23, 0)],
  ])('does not believe a server that %s', async (_, change) => {
    const timePort = await timeServer(0, change);
    expect(await checks({ timePort }).time(signal())).toMatchObject({ outcome: 'bad', code: 'time-silent' });
  });

  it('says that nothing was tested where no time server is set up', async () => {
    const none = await checks({ timeServer: () => Promise.resolve(undefined) }).time(signal());
    expect(none).toMatchObject({ outcome: 'skipped', code: 'time-not-configured' });
  });

  it('tells an open port from a closed one', async () => {
    const port = await listen(createServer());
    expect(await checks({ url: `mqtt://127.0.0.1:${port}` }).tcp(signal())).toMatchObject({
      code: 'tcp-fine',
    });
    expect(await checks({ url: 'mqtt://127.0.0.1:9' }).tcp(signal())).toMatchObject({ code: 'tcp-refused' });
    const silent = await checks({ url: `mqtt://127.0.0.1:${port}` }).tcp(AbortSignal.abort());
    expect(silent.code).toBe('tcp-silent');
  });

  it.each([
    ['a good one', { names: ['localhost'], fromDays: -1, days: 90 }, true, 'tls-fine'],
    ['one that ends soon', { names: ['localhost'], fromDays: -1, days: 3 }, true, 'tls-soon'],
    ['one that has ended', { names: ['localhost'], fromDays: -9, days: -1 }, true, 'tls-expired'],
    ['one of tomorrow', { names: ['localhost'], fromDays: 1, days: 9 }, true, 'tls-not-yet'],
    ['one for another name', { names: ['other.example'], fromDays: -1, days: 9 }, true, 'tls-name'],
    ['one of a stranger', { names: ['localhost'], fromDays: -1, days: 9 }, false, 'tls-untrusted'],
  ] as const)('judges the certificate: %s', async (_, { names, ...options }, trusted, code) => {
    const port = await tlsServer({ names: [...names], ...options });
    const tls = () => (trusted ? { ca: authority.certificate.toString('pem') } : {});
    const found = await checks({ url: `mqtts://localhost:${port}`, tls }).tls(signal());
    expect(found.code).toBe(code);
    if (code === 'tls-fine') expect(found.values).toMatchObject({ days: 90, issuer: 'Test authority' });
  });

  it('says so when the other side speaks no TLS, and when none is wanted', async () => {
    const plain = createServer((socket) => socket.end('hello'));
    const port = await listen(plain);
    const found = await checks({ url: `mqtts://localhost:${port}` }).tls(signal());
    expect(found).toMatchObject({ outcome: 'bad', code: 'tls-failed' });
    expect(await checks({}).tls(signal())).toMatchObject({ outcome: 'skipped', code: 'tls-not-used' });
  });
});
