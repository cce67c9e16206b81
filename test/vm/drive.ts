import { type Medium, mediumNode } from './medium.js';
import type { Qmp } from './qmp.js';

/**
 * One of QEMU's own drives, seen from outside the guest: hands that open its tray and change its disc. Every method works
 * on a machine that is switched off too; the disc is then found in the drive at the next boot.
 */
export class Drive {
  /** SCSI target number: the drive is /dev/srN as long as the guest has seen no other come and go. */
  readonly number: number;
  readonly id: string;
  #qmp: Qmp | undefined;
  #medium: Medium | undefined;
  #plugged = true;
  #nodes = 0;

  constructor(number: number) {
    this.number = number;
    this.id = `cd${number}`;
  }

  get plugged(): boolean {
    return this.#plugged;
  }

  /** QEMU's argument for this drive. */
  get device(): string {
    return `scsi-cd,bus=scsi.0,scsi-id=${this.number},id=${this.id}`;
  }

  /** Called by the machine once QEMU runs, with its guest not yet started; undefined when the power has gone. */
  async connect(qmp: Qmp | undefined): Promise<void> {
    this.#qmp = qmp;
    this.#nodes = 0;
    if (qmp && this.#medium) await this.#put(qmp, this.#medium);
  }

  /** Puts a disc in and shuts the tray; a disc that is there is taken out first. */
  async insert(medium: Medium): Promise<void> {
    this.#medium = medium;
    if (this.#qmp) await this.#put(this.#qmp, medium);
  }

  /** Takes the disc out and shuts the tray. */
  async remove(): Promise<void> {
    this.#medium = undefined;
    await this.openTray();
    await this.#qmp?.execute('blockdev-remove-medium', { id: this.id });
    await this.closeTray();
  }

  /**
   * Forces the tray open from outside, locked or not; the disc stays on it. QEMU's drive does not report this, so the
   * guest learns of it only when somebody opens the device: a lost event. The scripted drive's `open` is reported.
   */
  async openTray(): Promise<void> {
    await this.#qmp?.execute('blockdev-open-tray', { id: this.id, force: true });
  }

  async closeTray(): Promise<void> {
    await this.#qmp?.execute('blockdev-close-tray', { id: this.id });
  }

  /** The eject button: a locked drive asks the guest, whose udev rule opens the tray, reader or not. */
  async pressButton(): Promise<void> {
    await this.#qmp?.execute('blockdev-open-tray', { id: this.id, force: false });
  }

  async isTrayOpen(): Promise<boolean> {
    const drives = (await this.#qmp?.execute('query-block')) as { qdev?: string; tray_open?: boolean }[] | undefined;
    const found = drives?.find((drive) => drive.qdev === this.id);
    if (found?.tray_open === undefined) throw new Error(`${this.id} is not plugged in`);
    return found.tray_open;
  }

  /** New speed for a disc that was inserted with `bytesPerSecond`; 0 is no limit. */
  async setSpeed(bytesPerSecond: number): Promise<void> {
    await this.#qmp?.execute('qom-set', {
      path: `/objects/${this.#group}`,
      property: 'limits',
      value: { 'bps-read': bytesPerSecond },
    });
  }

  /** Pulls the plug out. The disc stays in the drive. */
  async unplug(): Promise<void> {
    this.#plugged = false;
    if (!this.#qmp) return;
    const gone = this.#qmp.nextEvent('DEVICE_DELETED', 20_000);
    await this.#qmp.execute('device_del', { id: this.id });
    await gone;
  }

  /** Plugs the drive in again, with its disc. */
  async plug(): Promise<void> {
    this.#plugged = true;
    const device = { driver: 'scsi-cd', bus: 'scsi.0', 'scsi-id': this.number, id: this.id };
    await this.#qmp?.execute('device_add', device);
    if (this.#qmp && this.#medium) await this.#put(this.#qmp, this.#medium);
  }

  get #group(): string {
    return `speed-${this.id}-${this.#nodes}`;
  }

  async #put(qmp: Qmp, medium: Medium): Promise<void> {
    if (!this.#plugged) return;
    this.#nodes += 1;
    const node = `disc-${this.id}-${this.#nodes}`;
    if (medium.bytesPerSecond !== undefined) {
      const limits = { 'bps-read': medium.bytesPerSecond };
      await qmp.execute('object-add', { 'qom-type': 'throttle-group', id: this.#group, limits });
    }
    await qmp.execute('blockdev-add', mediumNode(medium, node, this.#group));
    await qmp.execute('blockdev-open-tray', { id: this.id, force: true });
    await qmp.execute('blockdev-remove-medium', { id: this.id });
    await qmp.execute('blockdev-insert-medium', { id: this.id, 'node-name': node });
    await qmp.execute('blockdev-close-tray', { id: this.id });
  }
}
