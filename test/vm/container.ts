import type { Guest, GuestCommand } from './guest.js';
import type { Outcome } from './host-command.js';

/**
 * Lays the guest's root, as the ids of the container see it, below a layer of the container's own: inside, files belong to
 * whom they belong in the guest. Then starts it with lines such as lxc-create writes for an unprivileged container.
 */
const startUnprivileged = `
set -eu
home=/var/lib/lxc/t
mkdir -p $home/rootfs $home/lower $home/upper $home/work
maps=$(awk '$1 == "lxc.idmap" { printf "%s:%s:%s:%s ", $3, $4, $5, $6 }' /root/container.conf)
mount --bind -o "X-mount.idmap=$maps" / $home/lower
chown "$(stat -c %u:%g $home/lower)" $home/upper
mount -t overlay overlay -o lowerdir=$home/lower,upperdir=$home/upper,workdir=$home/work $home/rootfs
: > $home/rootfs/etc/fstab
for unit in systemd-udevd.service systemd-udevd-control.socket systemd-udevd-kernel.socket systemd-udev-trigger.service \
  vm-network.service ssh.service ssh.socket apparmor.service; do
  ln -sf /dev/null $home/rootfs/etc/systemd/system/$unit
done
cat - /root/container.conf > $home/config <<'CONF'
lxc.include = /usr/share/lxc/config/common.conf
lxc.include = /usr/share/lxc/config/userns.conf
lxc.rootfs.path = dir:/var/lib/lxc/t/rootfs
lxc.uts.name = t
lxc.net.0.type = empty
CONF
lxc-start -n t -l INFO -o $home/log || { tail -20 $home/log >&2; exit 1; }
`;

/**
 * An LXC container in the guest, without udev, made from the guest's own root: what is installed there is installed in it.
 * The guest's own service has to be stopped by whoever needs the drives in the container.
 */
export class Container {
  readonly #guest: Guest;

  private constructor(guest: Guest) {
    this.#guest = guest;
  }

  /**
   * Starts it with these lines of LXC configuration (devices, limits), unprivileged where some are lxc.idmap; resolves
   * when its systemd is up.
   */
  static async start(guest: Guest, configuration: string): Promise<Container> {
    await guest.write('/root/container.conf', configuration);
    const isUnprivileged = /^lxc\.idmap\b/m.test(configuration);
    const start = isUnprivileged ? startUnprivileged : 'vm-container /root/container.conf';
    await guest.sh(start, { timeoutMs: 120_000 });
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
