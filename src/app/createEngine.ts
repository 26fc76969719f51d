/**
 * The only wiring of the engine, shared by the product and the tests' windows. `createRecords` builds what is
 * stored of mails, `createEngine` what works on them. They are separate because the code that asks people
 * questions needs the records, and the engine needs that code.
 */
import { randomUUID } from "node:crypto";
import { basename } from "node:path";
import type { SecretShelf } from "../accounts/accountBook.ts";
import type { Patience } from "../base/fsErrors.ts";
import type { DisposableStore } from "../base/lifecycle.ts";
import { explain, type Log } from "../base/log.ts";
import { ArchiveKeeper } from "../delivery/archiveKeeper.ts";
import type { EnginePorts } from "../delivery/ports/enginePorts.ts";
import { DeliveryRunner } from "../delivery/runner.ts";
import { FileJournal, type Journal } from "../delivery/store/disk/journal.ts";
import { FileLeases } from "../delivery/store/disk/lease.ts";
import { DeliveryStore } from "../delivery/store/store.ts";
import { FileSource, inspectFile, type SourceOptions } from "../files/fileSource.ts";
import type { FileCopy } from "../files/stillFile.ts";
import { ArchiveFolder } from "../files/zip/archives.ts";
import type { Network } from "../net/connect/dialler.ts";
import { HttpLine } from "../net/http.ts";
import { sleep } from "../net/retry.ts";
import { NYLAS_MAX_FILE_BYTES } from "../services/nylas/nylasSessions.ts";
import { formatBytes, percent } from "../shared/format.ts";
import { t } from "../shared/l10n.ts";

type Clock = EnginePorts["clock"];

export interface RecordsOptions {
  /** The folders that all windows of a machine share. */
  readonly folders: { readonly deliveries: string; readonly archives: string };
  readonly secrets: SecretShelf;
  readonly log: Log;
  readonly clock: Clock;
  /** How to wait for a file that another program holds; tests with a virtual clock set it. */
  readonly patience?: Patience;
  /** The name by which people know this window: its folder's. */
  readonly place?: string | undefined;
  /** Unique to this window (default: a random UUID). */
  readonly owner?: string;
  /** Wraps the journal, between the records and the disk (default: nothing). */
  readonly around?: (journal: Journal) => Journal;
}

/** The records on this machine's disk, and this window's hold on them. */
export interface Records {
  readonly store: DeliveryStore;
  readonly leases: FileLeases;
  readonly archives: ArchiveFolder;
  readonly keeper: ArchiveKeeper;
  /** Reports records that any window has changed. @throws Error when a folder cannot be watched */
  readonly watch: FileJournal["watch"];
}

/** Nothing is read before `store.load()`. @param own takes what must be disposed of with the window */
export function createRecords(options: RecordsOptions, own: DisposableStore): Records {
  const { folders, secrets, log, clock, patience, around } = options;
  const journal = new FileJournal(folders.deliveries, patience);
  const store = own.add(new DeliveryStore({ journal: around?.(journal) ?? journal, secrets, log }));
  const leases = own.add(
    new FileLeases({
      folder: folders.deliveries,
      owner: options.owner ?? randomUUID(),
      now: clock.now,
      monotonic: clock.monotonic,
      place: options.place,
      ...(patience === undefined ? {} : { patience }),
      onError: (reason) => log.warn(explain(reason)),
    }),
  );
  const archives = new ArchiveFolder(folders.archives, clock.now);
  return {
    store,
    leases,
    archives,
    keeper: own.add(new ArchiveKeeper(store, archives, log)),
    watch: (onChange) => journal.watch(onChange),
  };
}

/** What the engine makes for itself by default. */
type Made = "inspect" | "leases" | "newId" | "openLine" | "random" | "sleep";

/** Runs work whose progress a person can see and which they can cancel. */
export type ShowProgress = <T>(
  title: string,
  work: (signal: AbortSignal, report: (message: string, percent: number) => void) => Promise<T>,
) => Promise<T>;

export interface EngineOptions
  extends Omit<EnginePorts, Made | "openSource" | "originOf" | "store" | "takeCopy">,
    Partial<Pick<EnginePorts, Made>> {
  /** Proxy and certificates (default: a direct connection). */
  readonly network?: () => Network;
  /** Opens a file of at most `maxBytes` (default: `FileSource.open`). */
  readonly openFile?: (
    path: string,
    maxBytes: number,
    limitOf?: string,
    options?: SourceOptions,
  ) => Promise<FileSource>;
  /** Default: the work is not shown. */
  readonly showProgress?: ShowProgress;
}

/**
 * Copies a file that keeps changing; the copying shows its progress and can be cancelled.
 * @throws as `ArchiveKeeper.takeCopy`
 */
export function shownCopy(keeper: ArchiveKeeper, path: string, show: ShowProgress): Promise<FileCopy> {
  return show(t("Copying {0}", basename(path)), (signal, report) => {
    const onCopied = (bytes: number, total: number) => {
      const now = percent(bytes, total);
      report(t("{0}% of {1}", now, formatBytes(total)), now);
    };
    return keeper.takeCopy(path, { signal, onCopied });
  });
}

const unseen: ShowProgress = (_title, work) => work(new AbortController().signal, () => {});

/** The engine that works on this window's mails, from `recover()` to `shutdown()`. */
export function createEngine(
  { store, leases, archives, keeper }: Records,
  options: EngineOptions,
): DeliveryRunner {
  const { network, openFile = FileSource.open, clock, showProgress = unseen } = options;
  const way = network === undefined ? {} : { network };
  return new DeliveryRunner({
    // The limit of any account; the account's own is checked before a file is handed over and when it is
    // read.
    inspect: (path, maxBytes = NYLAS_MAX_FILE_BYTES) => inspectFile(path, maxBytes),
    openLine: (owner) => owner.add(new HttpLine({ connections: 1, now: clock.now, ...way })),
    sleep,
    random: Math.random,
    newId: randomUUID,
    leases,
    ...options,
    store,
    originOf: (path) => archives.originOf(path),
    takeCopy: (path) => shownCopy(keeper, path, showProgress),
    openSource: ({ path, madeFrom, grows, size, part }, maxBytes, limitOf) =>
      openFile(path, maxBytes, limitOf, {
        firstBytes: grows ? (part?.whole ?? size) : undefined,
        part: part && { ...part, size },
      }).catch((reason: unknown) => {
        throw archives.explainLoss(path, reason, madeFrom);
      }),
  });
}
