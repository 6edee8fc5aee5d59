import { realpath, stat, statfs } from 'node:fs/promises';
import { readText } from './read-system.js';

/** Use of a file system. */
export interface DiskUse {
  readonly usedBytes: number;
  /** Bytes that an ordinary user can have, so without what is kept for root. */
  readonly totalBytes: number;
  readonly inodesUsed: number | null;
  readonly inodesTotal: number | null;
}

/** Use of the file system that holds a folder; null when it cannot be asked. */
export async function diskUse(folder: string): Promise<DiskUse | null> {
  try {
    const { bsize, blocks, bfree, bavail, files, ffree } = await statfs(folder);
    const used = (blocks - bfree) * bsize;
    // Some file systems, btrfs among them, have no fixed number of inodes and say 0.
    const inodes = files > 0 ? { inodesUsed: files - ffree, inodesTotal: files } : null;
    return { usedBytes: used, totalBytes: used + bavail * bsize, ...(inodes ?? NO_INODES) };
  } catch {
    return null;
  }
}

const NO_INODES = { inodesUsed: null, inodesTotal: null };

/**
 * Wear of the eMMC that holds a folder, in percent of the life that its maker gives it, in steps of 10 and rounded up.
 * From JEDEC JESD84-B51, DEVICE_LIFE_TIME_EST_TYP_A and _B: 0x01 is 0 to 10 %, 0x0A 90 to 100 %, 0x0B above.
 * SD cards and most SSDs do not tell through sysfs: null.
 */
export async function diskWear(folder: string, root: string): Promise<number | null> {
  try {
    const device = deviceOf((await stat(folder)).dev);
    return await wearOf(`${root}/sys/dev/block/${device}`);
  } catch {
    return null;
  }
}

/** Wear of a block device or of the disk of a partition, given its folder below /sys. */
export async function wearOf(block: string): Promise<number | null> {
  const folder = await realpath(block);
  const text =
    (await readText(`${folder}/device/life_time`)) ?? (await readText(`${folder}/../device/life_time`));
  const steps = (text ?? '').split(/\s+/).map(Number);
  const worst = Math.max(...steps.filter((step) => step >= 1 && step <= 0x0b));
  return Number.isFinite(worst) ? worst * 10 : null;
}

/** `major:minor` of a device number as Linux packs it (sysmacros.h: minor in bits 0 to 7 and 20 to 31). */
function deviceOf(dev: number): string {
  const [low, high] = [dev % 2 ** 32, Math.floor(dev / 2 ** 32)];
  const major = ((low >>> 8) & 0xfff) + (high & ~0xfff);
  const minor = (low & 0xff) + ((low >>> 12) & 0xfff00);
  return `${major}:${minor}`;
}
