import type { FileHandle } from 'node:fs/promises';
import { Fault } from '../core/fault.js';
import type { RescueEnd, RescueProgress, RescueRequest } from '../core/imaging-ports.js';
import type { StopSignal } from '../core/ports.js';
import { prefixMap, type RescueMap, rescuedPrefix } from '../core/rescue-map.js';
import { rescueCommand } from './ddrescue-command.js';
import { judgeEnd } from './ddrescue-end.js';
import { faultFromWriting } from './ddrescue-fault.js';
import { disownMap, replaceMap } from './ddrescue-image.js';
import { type Deadlines, type ProcessEnd, runProcess } from './ddrescue-process.js';
import { ProgressReader, progressOfMap, readMap } from './ddrescue-progress.js';
import { opensWithoutClosing } from './ddrescue-reopen.js';
import type { SourceWatch } from './ddrescue-source.js';

export interface Patience extends Deadlines {
  /** Milliseconds between two calls of `onProgress`. */
  readonly progressMs: number;
  /** How long an earlier ddrescue on the same work folder is given to end. */
  readonly lockWaitSeconds: number;
}

/** One run of ddrescue, from its start to a map that can be believed. */
export class RescueRun {
  readonly #request: RescueRequest;
  readonly #image: FileHandle;
  readonly #source: SourceWatch;
  readonly #onProgress: (progress: RescueProgress) => void;
  readonly #reader: ProgressReader;
  readonly #abort = new AbortController();
  /**
   * ddrescue takes reads that fail for want of the disc for bad sectors. So the map to go back to is the one before
   * the newest: since it was saved the disc was seen for longer than the kernel takes to notice that it left.
   */
  #trusted: RescueMap | null = null;
  #newest: RescueMap | null = null;
  #failure: unknown = null;
  #look: Promise<void> | null = null;

  constructor(
    request: RescueRequest,
    image: FileHandle,
    source: SourceWatch,
    onProgress: (progress: RescueProgress) => void,
  ) {
    this.#request = request;
    this.#image = image;
    this.#source = source;
    this.#onProgress = onProgress;
    this.#reader = new ProgressReader(request, (map) => {
      this.#trusted = this.#newest;
      this.#newest = map;
    });
  }

  async run(stop: StopSignal, patience: Patience): Promise<RescueEnd> {
    this.#newest = await readMap(this.#request.map, this.#request.mediumBytes);
    this.#trusted = this.#newest;
    const onStop = (): void => this.#abort.abort();
    stop.addEventListener('abort', onStop);
    if (stop.aborted) onStop();
    const timer = setInterval(() => this.#lookOnce(), patience.progressMs);
    let end: ProcessEnd;
    try {
      end = await runProcess(
        rescueCommand(this.#request, patience.lockWaitSeconds, await opensWithoutClosing()),
        (text) => this.#reader.readStatus(text),
        this.#abort.signal,
        patience,
      );
    } finally {
      clearInterval(timer);
      stop.removeEventListener('abort', onStop);
    }
    await this.#look;
    return this.#settle(end, stop);
  }

  /** Looks at source and progress, unless the look before has not come back yet. */
  #lookOnce(): void {
    this.#look ??= this.#lookAround()
      .catch((error: unknown) => {
        this.#failure = error;
        this.#abort.abort();
      })
      .finally(() => {
        this.#look = null;
      });
  }

  async #lookAround(): Promise<void> {
    if (!(await this.#source.isSame())) {
      this.#abort.abort();
      return;
    }
    const progress = await this.#reader.read();
    if (progress !== null) this.#onProgress(progress);
  }

  async #settle(end: ProcessEnd, stop: StopSignal): Promise<RescueEnd> {
    await this.#checkWritten();
    const map = await readMap(this.#request.map, this.#request.mediumBytes);
    if (this.#failure !== null) throw faultFromWriting(this.#failure, this.#request.image);
    const change = await this.#findChange(map);
    if (stop.aborted) {
      const kept = change === null ? map : await this.#goBack(map);
      return {
        kind: 'stopped',
        map: kept ?? (await readMap(`${this.#request.map}.bak`, this.#request.mediumBytes)) ?? this.#nothing(),
      };
    }
    try {
      if (change !== null) throw change;
      const result = judgeEnd(end, map, this.#request);
      this.#onProgress(progressOfMap(result.map, this.#reader.readErrors));
      return result;
    } catch (error) {
      if (error instanceof Fault && error.code === 'medium_absent') await this.#goBack(map);
      throw error;
    }
  }

  /**
   * Throws Fault where what ddrescue wrote did not arrive on the disk. Nobody can say which part, so the map, and
   * any copy of it that somebody kept, must not be believed: image and map start over.
   */
  async #checkWritten(): Promise<void> {
    try {
      await this.#image.datasync();
    } catch (error) {
      await this.#image.truncate(0).catch((refused: unknown) => faultFromWriting(refused, this.#request.image));
      await disownMap(this.#request.map, this.#nothing());
      throw faultFromWriting(error, this.#request.image);
    }
  }

  /** After a whole sweep the drive is left alone: no read failed, and somebody may be opening the tray already. */
  async #findChange(map: RescueMap | null): Promise<Fault | null> {
    const whole = map !== null && rescuedPrefix(map) >= this.#request.mediumBytes;
    const thorough = this.#request.mode.kind !== 'sweep' || !whole;
    return this.#source.findChange(thorough);
  }

  /** Forgets what was found out about a disc that may have left already. */
  async #goBack(map: RescueMap | null): Promise<RescueMap> {
    const sweep = this.#request.mode.kind === 'sweep';
    const prefix = (from: RescueMap) => prefixMap(rescuedPrefix(from), this.#request.mediumBytes);
    const kept = sweep ? map && prefix(map) : this.#trusted;
    const back = kept ?? this.#nothing();
    await replaceMap(this.#request.map, back);
    return back;
  }

  #nothing(): RescueMap {
    return prefixMap(0, this.#request.mediumBytes);
  }
}
