import { execFile, execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** A minimal Debian 12, made by scripts/lib/make-package-root.sh. */
const BASE = fileURLToPath(new URL('../../.cache/package-root', import.meta.url));
const BOOT = fileURLToPath(new URL('boot-box.sh', import.meta.url));
const BOOT_MS = 30_000;
const HALT_MS = 40_000;
/** SIGRTMIN+3 asks systemd to halt (systemd(1)); Node has no name for it. */
const SIGRTMIN_3 = 37;
/** Units that would look after a real machine: disks, kernel modules, terminals. */
const MASKED = [
  'systemd-sysctl.service',
  'systemd-modules-load.service',
  'systemd-remount-fs.service',
  'systemd-tmpfiles-setup-dev.service',
  'systemd-update-utmp.service',
  'systemd-logind.service',
  'systemd-journal-flush.service',
  'systemd-networkd.service',
  'systemd-timesyncd.service',
  'dev-hugepages.mount',
  'dev-mqueue.mount',
  'sys-fs-fuse-connections.mount',
  'sys-kernel-config.mount',
  'sys-kernel-debug.mount',
  'sys-kernel-tracing.mount',
  'tmp.mount',
  'console-getty.service',
  'getty.target',
  'apt-daily.timer',
  'apt-daily-upgrade.timer',
  'dpkg-db-backup.timer',
  'e2scrub_all.timer',
  'e2scrub_reap.service',
  'fstrim.timer',
];

/** What a command in the box said. */
export interface BoxAnswer {
  readonly code: number;
  /** Both streams. */
  readonly text: string;
}

/** Why no box can be booted here, or undefined. */
export function noBoxBecause(): string | undefined {
  if (process.getuid?.() !== 0) return 'needs root';
  if (!existsSync(join(BASE, 'lib/systemd/systemd'))) return 'needs scripts/lib/make-package-root.sh';
  try {
    execFileSync('unshare', ['--mount', '--pid', '--fork', '--cgroup', 'true'], { stdio: 'ignore' });
    return undefined;
  } catch {
    return 'needs namespaces';
  }
}

/** A gateway: a copy of a fresh Debian with its own systemd as process 1, in namespaces of its own. */
export class GatewayBox {
  /** Its root folder, as this machine sees it. */
  readonly root: string;
  private readonly child: ChildProcess;
  private readonly init: number;

  private constructor(root: string, child: ChildProcess, init: number) {
    this.root = root;
    this.child = child;
    this.init = init;
  }

  /**
   * Copy the system and boot it.
   * @param root a folder that does not exist yet
   */
  static async boot(root: string): Promise<GatewayBox> {
    await promisify(execFile)('cp', ['-a', BASE, root]);
    mkdirSync(join(root, 'etc/systemd/system'), { recursive: true });
    for (const unit of MASKED) symlinkSync('/dev/null', join(root, 'etc/systemd/system', unit));
    const namespaces = ['--mount', '--pid', '--uts', '--ipc', '--cgroup', '--fork', '--kill-child'];
    const child = spawn('unshare', [...namespaces, BOOT, root], { stdio: ['ignore', 'ignore', 'inherit'] });
    const deadline = performance.now() + BOOT_MS;
    while (performance.now() < deadline && child.exitCode === null) {
      const box = new GatewayBox(root, child, childOf(child.pid));
      const { text } = await box.run('systemctl', 'is-active', 'multi-user.target');
      if (text.trim() === 'active') return box;
      await sleep(100);
    }
    child.kill('SIGKILL');
    throw new Error(`the box in ${root} did not boot within ${BOOT_MS / 1000} s`);
  }

  /** Path of a file in the box. */
  file(path: string): string {
    return join(this.root, path);
  }

  /** Run a command in the box as root. */
  async run(command: string, ...args: readonly string[]): Promise<BoxAnswer> {
    const target = ['--target', String(this.init), '--mount', '--pid', '--uts', '--ipc', '--cgroup'];
    const env = ['env', '-i', 'PATH=/usr/sbin:/usr/bin:/sbin:/bin', 'DEBIAN_FRONTEND=noninteractive'];
    const inside = [...target, '--root', '--wd', '--', ...env, command, ...args];
    try {
      const { stdout, stderr } = await promisify(execFile)('nsenter', inside, { maxBuffer: 16 * 2 ** 20 });
      return { code: 0, text: stdout + stderr };
    } catch (error) {
      const { code, stdout, stderr } = error as { code?: unknown; stdout?: string; stderr?: string };
      return { code: typeof code === 'number' ? code : 1, text: `${stdout ?? ''}${stderr ?? ''}` };
    }
  }

  /** As {@link run}. @throws Error with what the command said when it fails */
  async must(command: string, ...args: readonly string[]): Promise<string> {
    const { code, text } = await this.run(command, ...args);
    if (code !== 0) throw new Error(`${command} ${args.join(' ')} failed in the box (${code}):\n${text}`);
    return text;
  }

  /**
   * The number that this machine has for a process of the box.
   * @throws Error when it is gone
   */
  outerPid(pid: number): number {
    const namespaceOf = (one: string | number) => readlinkSync(`/proc/${one}/ns/pid`);
    const found = readdirSync('/proc').find((outer) => {
      try {
        const numbers = /^NSpid:\s+(.*)$/m
          .exec(readFileSync(`/proc/${outer}/status`, 'utf8'))?.[1]
          ?.split('\t');
        return numbers?.at(-1) === String(pid) && namespaceOf(outer) === namespaceOf(this.init);
      } catch {
        // No process, or gone meanwhile.
        return false;
      }
    });
    if (found === undefined) throw new Error(`the box has no process ${pid}`);
    return Number(found);
  }

  /** Halt, then remove everything. */
  async stop(): Promise<void> {
    const gone = once(this.child, 'exit');
    process.kill(this.init, SIGRTMIN_3);
    const forced = setTimeout(() => this.child.kill('SIGKILL'), HALT_MS);
    await gone;
    clearTimeout(forced);
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** The first child of a process, or 0 before there is one. */
function childOf(pid: number | undefined): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')[0] ?? 0);
}
