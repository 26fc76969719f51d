/** Estimates from samples whether zips make a mail's files so much smaller that it is worth offering. */
import { isCancellation } from "../../base/errors.ts";
import { explain, type Log } from "../../base/log.ts";
import type { AttachmentRecord, DeliveryRecord } from "../../delivery/record/delivery.ts";
import { isEditable } from "../../delivery/record/queries.ts";
import type { Estimate } from "../../files/zip/zipEstimate.ts";
import type { PanelSnapshot } from "../../shared/contract/snapshot.ts";
import { formatBytes } from "../../shared/format.ts";
import { plural } from "../../shared/l10n.ts";

export interface ShrinkFeedOptions {
  readonly find: () => DeliveryRecord | undefined;
  /** The estimate if a zip is worth it, else null. */
  readonly sample: (path: string, signal: AbortSignal) => Promise<Estimate | null>;
  /** Called when more is known. */
  readonly changed: () => void;
  readonly log: Log;
}

/** In bytes; smaller files are uploaded quickly as they are. */
const WORTHWHILE = 10 * 1024 * 1024;

export class ShrinkFeed {
  readonly #options: ShrinkFeedOptions;
  /** Estimates by file version; null where a zip is not worth it. */
  readonly #known = new Map<string, Estimate | null>();
  readonly #ending = new AbortController();
  #sampling: Promise<void> | undefined;

  constructor(options: ShrinkFeedOptions) {
    this.#options = options;
  }

  /** Samples new files, one by one. */
  update(): void {
    if (this.#sampling !== undefined || this.#unknown() === undefined) return;
    this.#sampling = this.#sample().finally(() => {
      this.#sampling = undefined;
    });
  }

  /** The offer for the mail as it is; undefined if no zip is worth it or nothing is known yet. */
  get offer(): PanelSnapshot["shrink"] {
    const estimates = this.#files().flatMap((file) => this.#known.get(versionOf(file)) ?? []);
    if (estimates.length === 0) return undefined;
    const sum = (of: (estimate: Estimate) => number) =>
      estimates.reduce((total, estimate) => total + of(estimate), 0);
    const [size, likely] = [sum(({ size: bytes }) => bytes), sum((estimate) => estimate.likely)];
    const words = plural(
      estimates.length,
      "Compressed, the file would be about {1} instead of {2} (estimate).",
      "Compressed, {0} files would be about {1} instead of {2} (estimate).",
      formatBytes(likely),
      formatBytes(size),
    );
    return { words };
  }

  dispose(): void {
    this.#ending.abort();
  }

  async #sample(): Promise<void> {
    for (let file = this.#unknown(); file !== undefined; file = this.#unknown()) {
      const version = versionOf(file);
      try {
        const estimate = await this.#options.sample(file.path, this.#ending.signal);
        if (this.#ending.signal.aborted) return;
        this.#known.set(version, estimate);
        if (estimate !== null) this.#options.changed();
      } catch (reason) {
        if (isCancellation(reason)) return;
        // The upload will report what is wrong with the file.
        this.#options.log.info(explain(reason));
        this.#known.set(version, null);
      }
    }
  }

  #unknown(): AttachmentRecord | undefined {
    return this.#ending.signal.aborted
      ? undefined
      : this.#files().find((file) => !this.#known.has(versionOf(file)));
  }

  #files(): readonly AttachmentRecord[] {
    const delivery = this.#options.find();
    if (delivery === undefined || delivery.event !== null || !isEditable(delivery)) return [];
    return delivery.attachments.filter(
      ({ size, inline, madeFrom, part }) =>
        size >= WORTHWHILE && inline === null && madeFrom === undefined && part === undefined,
    );
  }
}

function versionOf({ path, size, mtimeMs }: AttachmentRecord): string {
  return `${path} ${size} ${mtimeMs}`;
}
