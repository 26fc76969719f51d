/** Makes archives, showing progress, and stops when the window closes. */
import { monitorEventLoopDelay } from "node:perf_hooks";
import type { Log } from "../../../base/log.ts";
import type { Archive, ArchiveFolder } from "../../../files/zip/archives.ts";
import type { Packed, PackOptions } from "../../../files/zip/packing.ts";
import { formatBytes, percent } from "../../../shared/format.ts";
import { t } from "../../../shared/l10n.ts";
import type { Report, showProgress } from "../../views/progress.ts";

export interface ArchiveMakerOptions {
  readonly archives: ArchiveFolder;
  /** Deletes an archive that no mail has taken. */
  readonly settle: (path: string) => Promise<void>;
  readonly showProgress: typeof showProgress;
  /** See `PackOptions`. */
  readonly threadProgram?: string;
  readonly log: Log;
}

/** What is packed into an archive. */
export interface ArchiveSource {
  /** The archive's name without its extension. */
  readonly name: string;
  readonly origin: string;
  /** Bytes to be read. */
  readonly total: number;
}

export class ArchiveMaker {
  readonly #options: ArchiveMakerOptions;
  readonly #closing = new AbortController();
  readonly #work = new Set<Promise<unknown>>();

  constructor(options: ArchiveMakerOptions) {
    this.#options = options;
  }

  /** Aborted when the window closes. */
  get signal(): AbortSignal {
    return this.#closing.signal;
  }

  /** Packs into an archive that is kept until released; after a failure nothing is left. */
  make(source: ArchiveSource, maxBytes: number, pack: (options: PackOptions) => Promise<Packed>) {
    return this.track(this.#make(source, maxBytes, pack));
  }

  async #make(
    { name, origin, total }: ArchiveSource,
    maxBytes: number,
    pack: (options: PackOptions) => Promise<Packed>,
  ) {
    const { archives, log, threadProgram } = this.#options;
    const archive = await archives.make(name, origin);
    const lateness = monitorEventLoopDelay({ resolution: 10 });
    const startedAt = performance.now();
    lateness.enable();
    try {
      const packed = await this.withProgress(t("Compressing {0}", name), (signal, report) => {
        let shown = -1;
        const onRead = (bytes: number) => {
          const now = percent(bytes, total);
          if (now <= shown) return; // An update for each of 60,000 files would keep the editor busy.
          shown = now;
          report(t("{0}% of {1}", now, formatBytes(total)), now);
        };
        return pack({ target: archive.path, maxBytes, signal, onRead, threadProgram });
      });
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
      log.info(`Packed ${formatBytes(total)} into ${formatBytes(packed.bytes)} in ${seconds} s`);
      return { ...archive, packed };
    } catch (reason) {
      await this.letGo(archive);
      throw reason;
    } finally {
      lateness.disable();
      log.info(`While packing, the event loop was at most ${Math.round(lateness.max / 1e6)} ms late.`);
    }
  }

  /** Releases an archive: from now on only a mail keeps it. */
  async letGo(archive: Archive): Promise<void> {
    archive.release();
    await this.#options.settle(archive.path);
  }

  withProgress<T>(title: string, work: (signal: AbortSignal, report: Report) => Promise<T>): Promise<T> {
    return this.track(this.#options.showProgress(title, this.signal, work));
  }

  /** Registers work that `stop` waits for when the window closes. */
  track<T>(work: Promise<T>): Promise<T> {
    this.#work.add(work);
    const forget = () => void this.#work.delete(work);
    work.then(forget, forget);
    return work;
  }

  /** Stops all work under way, and leaves nothing of it on the disk. */
  async stop(): Promise<void> {
    this.#closing.abort();
    while (this.#work.size > 0) await Promise.allSettled(this.#work);
  }
}
