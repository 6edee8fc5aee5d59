/** The installer for boxes without the package, on this machine as if it were a fresh one. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { noBoxBecause } from '../lib/gateway-box.js';

const INSTALL = fileURLToPath(new URL('../install-agent.sh', import.meta.url));
const PRIVATE = fileURLToPath(new URL('../lib/in-private-system.sh', import.meta.url));
const reason = noBoxBecause();

/** What somebody does one after the other; each `== name` begins what the checks look at. */
const STEPS = `
set -e
echo == install
"$0"
echo == files
stat -c '%U %a %n' /etc/headcount/* /var/lib/headcount /opt/headcount/bin/node
grep ^ExecStart= /etc/systemd/system/headcount-agent.service
systemctl is-enabled headcount-agent
echo == command
headcount-agent version
headcount-agent check-config 2>&1 || echo "code $?"
echo == again
sha256sum /etc/headcount/* > /run/before
"$0" >/dev/null
sha256sum --check --quiet /run/before && echo kept
echo == uninstall
"$0" --uninstall >/dev/null
ls -d /opt/headcount /usr/local/bin/headcount-agent /etc/headcount 2>/dev/null || true
echo == purge
"$0" --uninstall --purge >/dev/null
"$0" --uninstall --purge >/dev/null
ls -d /etc/headcount /var/lib/headcount 2>/dev/null || true
getent passwd headcount || echo nobody
`;

describe.skipIf(reason !== undefined)(`install-agent.sh${reason ? ` (skipped: ${reason})` : ''}`, () => {
  it('installs, updates, and removes what it has installed', async () => {
    const { stdout } = await promisify(execFile)('unshare', [
      '--mount',
      PRIVATE,
      'bash',
      '-c',
      STEPS,
      INSTALL,
    ]);
    const said = new Map(
      stdout
        .split(/^== /m)
        .slice(1)
        .map((part): [string, string] => {
          const [name = '', ...lines] = part.trim().split('\n');
          return [name, lines.join('\n')];
        }),
    );
    expect(said.get('install')).toContain('/opt/headcount/agent.example.yaml');
    expect(said.get('files')?.split('\n')).toEqual([
      'headcount 644 /etc/headcount/status.crt',
      'headcount 600 /etc/headcount/status.key',
      'headcount 600 /etc/headcount/status.pin',
      'headcount 750 /var/lib/headcount',
      'root 755 /opt/headcount/bin/node',
      expect.stringMatching(
        /^ExecStart=\/opt\/headcount\/bin\/node \/opt\/headcount\/agent\/dist\/main.js run /,
      ),
      'enabled',
    ]);
    expect(said.get('command')).toMatch(/^\d+\.\d+\.\d+\n[^]*cannot be read \(ENOENT\)[^]*code 2$/);
    expect(said.get('again')).toBe('kept');
    expect(said.get('uninstall')).toBe('/etc/headcount');
    expect(said.get('purge')).toBe('nobody');
    expect(existsSync('/opt/headcount')).toBe(false);
  });

  it('names a wrong use and an answer to it', async () => {
    const wrong = promisify(execFile)(INSTALL, ['--purge']);
    await expect(wrong).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Usage:') as string,
    });
    expect((await promisify(execFile)(INSTALL, ['--help'])).stdout).toContain('--uninstall');
  });
});
