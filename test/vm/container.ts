import type { Guest, GuestCommand } from './guest.js';
import type { Outcome } from './host-command.js';

/**
 * An LXC container in the guest, without udev, made from the guest's own root: what is installed there is installed in it.
 * The guest's own service has to be stopped by whoever needs the drives in the container.
 */
export class Container {
  readonly #guest: Guest;

  private constructor(guest: Guest) {
    this.#guest = guest;
  }

  /** Starts it with these lines of LXC configuration (devices, limits); resolves when its systemd is up. */
  static async start(guest: Guest, configuration: string): Promise<Container> {
    await guest.write('/root/container.conf', configuration);
    await guest.sh('vm-container /root/container.conf', { timeoutMs: 120_000 });
    const container = new Container(guest);
    await guest.waitFor(
      'the container',
      'lxc-attach -n t -- systemctl is-system-running | grep -E "running|degraded"',
      300_000,
    );
    return container;
  }

  /** A shell command inside; an exit status is a result. */
  run(command: string, options: GuestCommand = {}): Promise<Outcome> {
    return this.#guest.run(`lxc-attach -n t -- sh -c ${quote(command)}`, options);
  }

  /** Gives standard output, and throws when the exit status is not 0. */
  sh(command: string, options: GuestCommand = {}): Promise<string> {
    return this.#guest.sh(`lxc-attach -n t -- sh -c ${quote(command)}`, options);
  }
}

function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
