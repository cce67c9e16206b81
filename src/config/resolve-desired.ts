import { join } from 'node:path';
import type { ApiSpec, Desired, StorageSpec } from '../core/desired.js';
import type { DriveSource, DriveSpec } from '../core/drive.js';
import type { ImagingSettings, Rule, RuleMatch } from '../core/rule.js';
import type { DriveEntry, RuleEntry } from './config-file.gen.js';
import type { Path } from './config-tree.js';
import { createGlob } from './label-glob.js';
import { isLoopback, parseListen, parsePercent, parseSize } from './parse-quantity.js';
import { error, type Resolution, resolvePath } from './resolution.js';
import { resolveTarget } from './resolve-target.js';
import { asList, resolveUpkeep } from './resolve-upkeep.js';

/** Turns a valid file into what the daemon works with. Whatever it cannot turn is in `on.problems`. */
export function resolveDesired(on: Resolution): Desired {
  const { config } = on;
  const storage = resolveStorage(on);
  return {
    storage,
    defaults: {
      readAttempts: config.defaults.read_attempts,
      sectorSize: config.defaults.sector_size,
      verify: config.defaults.verify,
      checksums: config.defaults.checksums,
      eject: config.defaults.eject,
      priority: config.defaults.priority,
      path: config.defaults.path,
    },
    drives: config.drives.map((drive, index) => resolveDrive(on, drive, ['drives', index])),
    rules: config.rules.map((rule, index) => resolveRule(on, rule, ['rules', index])),
    ...resolveUpkeep(on),
    users: config.users.map(({ name, role }) => ({ name, role })),
    notifications: config.notifications.targets.flatMap((target, index) =>
      resolveTarget(on, target, ['notifications', 'targets', index]),
    ),
    api: resolveApi(on, storage),
    suspend: config.suspend,
  };
}

function resolveStorage(on: Resolution): StorageSpec {
  const { storage } = on.config;
  const percent = (key: 'warn_at' | 'stop_at'): number => {
    const value = parsePercent(storage[key]);
    if (value === null) {
      error(on, ['storage', key], {
        code: 'not_allowed',
        message: `${JSON.stringify(key)} cannot be ${storage[key]}.`,
        expected: 'per cent from "1%" to "100%"',
      });
    }
    return value ?? 100;
  };
  return {
    library: resolvePath(on, ['storage', 'library'], storage.library),
    state: resolvePath(on, ['storage', 'state'], storage.state),
    warnAt: percent('warn_at'),
    stopAt: percent('stop_at'),
  };
}

function resolveDrive(on: Resolution, drive: DriveEntry, path: Path): DriveSpec {
  const source: DriveSource =
    drive.folder !== undefined
      ? { kind: 'folder', folder: resolvePath(on, [...path, 'folder'], drive.folder) }
      : drive.device !== undefined
        ? { kind: 'optical', device: drive.device }
        : { kind: 'optical', udevId: drive.udev_id ?? '' };
  return { name: drive.name, source, suspend: drive.suspend };
}

function resolveRule(on: Resolution, rule: RuleEntry, path: Path): Rule {
  const size = (key: 'min_size' | 'max_size'): number | null => {
    const text = rule.match[key];
    if (text === undefined) return null;
    const bytes = parseSize(text);
    if (bytes === null) {
      error(on, [...path, 'match', key], {
        code: 'not_allowed',
        message: `${JSON.stringify(key)} is beyond all discs.`,
      });
    }
    return bytes;
  };
  const labels = asList(rule.match.label);
  const tests = labels?.map(createGlob) ?? [];
  const match: RuleMatch = {
    media: asList(rule.match.media),
    label: labels === null ? null : { glob: labels.join(' or '), test: (label) => tests.some((test) => test(label)) },
    drive: asList(rule.match.drive),
    minBytes: size('min_size'),
    maxBytes: size('max_size'),
  };
  const settings: Partial<ImagingSettings> = {
    ...(rule.read_attempts === undefined ? {} : { readAttempts: rule.read_attempts }),
    ...(rule.verify === undefined ? {} : { verify: rule.verify }),
    ...(rule.checksums === undefined ? {} : { checksums: rule.checksums }),
    ...(rule.eject === undefined ? {} : { eject: rule.eject }),
    ...(rule.priority === undefined ? {} : { priority: rule.priority }),
    ...(rule.path === undefined ? {} : { path: rule.path }),
  };
  const { name, suspend, action, on_duplicate: onDuplicate } = rule;
  return { name, suspend, match, action, onDuplicate, settings };
}

/** Bytes a unix socket's path may have on Linux (sun_path less its end mark). */
const mostSocketBytes = 107;

function resolveApi(on: Resolution, storage: StorageSpec): ApiSpec {
  const { api } = on.config;
  const socketPath: Path = api.socket === undefined ? ['storage', 'state'] : ['api', 'socket'];
  const socket =
    api.socket === undefined ? join(storage.state, 'disk2iso.sock') : resolvePath(on, socketPath, api.socket);
  const bytes = Buffer.byteLength(socket);
  if (bytes > mostSocketBytes) {
    error(on, socketPath, {
      code: 'not_allowed',
      message: `The path of the unix socket has ${bytes} bytes, and Linux allows ${mostSocketBytes}; set api.socket to a shorter one.`,
      expected: 'a path such as /run/disk2iso/disk2iso.sock',
    });
  }
  return { listen: resolveListen(on), socket, allowedHosts: api.allowed_hosts };
}

function resolveListen(on: Resolution): ApiSpec['listen'] {
  const { listen } = on.config.api;
  if (listen === false || listen === null) return null;
  const parsed = parseListen(listen);
  const expected = 'a loopback address and a port from 0 to 65535, such as 127.0.0.1:8980';
  if (parsed === null) {
    error(on, ['api', 'listen'], {
      code: 'not_allowed',
      message: `"listen" cannot be ${JSON.stringify(listen)}.`,
      expected,
    });
    return null;
  }
  if (!isLoopback(parsed.host)) {
    error(on, ['api', 'listen'], {
      code: 'not_allowed',
      message: `${JSON.stringify(parsed.host)} can be reached by others, and there is no login yet; listen on 127.0.0.1 or [::1] and put a reverse proxy with a login before it.`,
      expected,
      did_you_mean: `127.0.0.1:${parsed.port}`,
    });
  }
  // the name would be looked up, and may lead elsewhere
  return parsed.host.toLowerCase() === 'localhost' ? { ...parsed, host: '127.0.0.1' } : parsed;
}
