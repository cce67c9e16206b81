import { readFile } from 'node:fs/promises';

/**
 * Whether a plain open leaves an open tray alone. Then ddrescue may open the drive anew after a read error: without
 * that, every read after a bus reset or an open tray fails at once, and the rest of a good disc counts as bad; seen
 * on Linux 6.12 with ddrescue 1.29. With autoclose on, the same would pull in a tray that somebody has opened.
 */
export async function opensWithoutClosing(setting = '/proc/sys/dev/cdrom/autoclose'): Promise<boolean> {
  try {
    return (await readFile(setting, 'latin1')).trim() === '0';
  } catch (error) {
    if (typeof (error as NodeJS.ErrnoException).code !== 'string') throw error;
    return false;
  }
}
