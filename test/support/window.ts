/** One window of the editor: the engine as the extension wires it, which can be closed in good order or killed. */
import { randomUUID } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { SecretShelf } from "../../src/accounts/accountBook.ts";
import { createEngine, createRecords } from "../../src/app/createEngine.ts";
import { DisposableStore } from "../../src/base/lifecycle.ts";
import type { OwnLimits } from "../../src/delivery/compose/ownLimits.ts";
import type { EnginePorts } from "../../src/delivery/ports/enginePorts.ts";
import type { DeliveryRecord } from "../../src/delivery/record/delivery.ts";
import type { SecretDoor } from "../../src/delivery/rules/secretDoor.ts";
import type { SendRules, SendRulesOptions } from "../../src/delivery/rules/sendRules.ts";
import type { DeliveryRunner } from "../../src/delivery/runner.ts";
import type { Journal } from "../../src/delivery/store/disk/journal.ts";
import type { FileLeases, Leases } from "../../src/delivery/store/disk/lease.ts";
import { LOG, loggedIn, replayed } from "../../src/delivery/store/disk/recordLog.ts";
import type { DeliveryStore } from "../../src/delivery/store/store.ts";
import { FileSource, inspectFile, type SourceOptions } from "../../src/files/fileSource.ts";
import { type Http, HttpLine, type HttpRequest } from "../../src/net/http.ts";
import { sleep } from "../../src/net/retry.ts";
import type { Sandbox } from "../../src/sandbox/server.ts";
import { NYLAS_MAX_FILE_BYTES } from "../../src/services/nylas/nylasSessions.ts";
import { type Door, nylas } from "./doors.ts";
import type { MemorySecrets } from "./engine.ts";
import type { Machine, Program } from "./machine.ts";
import { Life } from "./mortal.ts";
import { Lane, outsideTime } from "./virtualTime.ts";

export interface WindowOptions {
  readonly sandbox: Sandbox;
  /** The service that mail goes through; Nylas unless told. */
  readonly door?: Door;
  /** That of a second account, if there is one. */
  readonly otherDoor?: Door | undefined;
  /** Whose clocks count and whose disk it is; unset: real ones, but for waits, which take a millisecond. */
  readonly machine?: Machine;
  /** Shared by the windows of a machine, and by one before and after a restart. */
  readonly folder: string;
  readonly secrets: MemorySecrets;
  /** How far this machine's clock is off, in milliseconds. */
  readonly clockOffsetMs?: () => number;
  /** What people call it. */
  readonly place?: string;
  /** Hears what the person is told of. */
  readonly tell?: NonNullable<EnginePorts["tell"]>;
  /** How far its clock that is never put is ahead: on Windows and macOS that one runs while the machine sleeps. */
  readonly monotonicAheadMs?: () => number;
  /** Awaited each time the service is asked for, as the key in secret storage is. */
  readonly readying?: () => Promise<void>;
  /** Another address for a request, or none. */
  readonly detour?: (request: HttpRequest) => string | undefined;
  /** How long the window waits for an answer, and for a body that stands still; as the engine does unless told. */
  readonly patienceMs?: number;
  readonly journal?: (journal: Journal, window: () => Window) => Journal;
  /** What happens while the engine waits before another try; a millisecond passes unless told. */
  readonly onSleep?: (ms: number) => Promise<void>;
  /** Whether an open file is in the way of other programs, as on Windows; as on this system unless told. */
  readonly holdsOthersUp?: boolean;
  /** How long a send may still take when the window closes. */
  readonly sendGraceMs?: number;
  /** How long a mail that is ready waits before it leaves; not at all unless told. */
  readonly undoSendMs?: () => number;
  /** Asks about files that look like secrets; none goes unless told. */
  readonly secretDoor?: SecretDoor;
  /** Files that are sent as they are, whatever is written to them; none unless told. */
  readonly goesAsItIs?: (path: string) => boolean;
  /** Asks before a mail leaves; nothing is asked unless told. */
  readonly consent?: NonNullable<EnginePorts["consent"]>;
  /** Whether mails that were sent are looked after, and somebody sits there; nothing is unless told. */
  readonly watch?: EnginePorts["watch"];
  readonly asksForReceipts?: () => boolean;
  /** The largest mail that both ends take, in bytes; without end unless told. */
  readonly mostBoth?: () => number;
  /** Learns how large a mail the mailbox sends; nobody does unless told. */
  readonly ownLimits?: OwnLimits;
  /** Rules of an organization; none unless told. */
  readonly rules?: (parts: Pick<SendRulesOptions, "store" | "log">) => SendRules;
}

/** No process has this number: the highest one that Linux gives is one lower. */
const deadPid = 2 ** 22 + 1;

/** The ids of a window's accounts. */
export const accountIds = ["account", "other account"] as const;

export class Window {
  readonly store: DeliveryStore;
  readonly runner: DeliveryRunner;
  readonly leases: FileLeases;
  readonly log: string[] = [];
  /** The waits before another try that the engine asked for, in milliseconds. */
  readonly waits: number[] = [];
  /** What was waited for in a millisecond. */
  #waitedMs = 0;
  readonly #options: WindowOptions;
  readonly #life: Life;
  readonly #owner = randomUUID();
  readonly #program: Program;

  constructor(options: WindowOptions) {
    this.#options = options;
    const { sandbox, folder, machine } = options;
    this.#life = new Life();
    const now = () => this.now();
    const note = (message: string) => void this.log.push(message);
    const log = { trace: note, info: note, warn: note, error: note };
    const awake = () => performance.now() + (options.monotonicAheadMs?.() ?? 0);
    const monotonic = () => machine?.time.monotonic() ?? awake() + this.#waitedMs;
    const doors = [options.door ?? nylas, options.otherDoor].flatMap((door) => door ?? []);
    const mailboxes = doors.map((door, index) => ({
      account: { ...door.account(sandbox), id: accountIds[index] ?? "" },
      service: door.service(sandbox, this.#line(undefined, now), monotonic),
    }));
    const mailbox = (wanted: string | null) => mailboxes.find(({ account }) => account.id === wanted);
    // Where time is virtual, it is that for whoever waits for a file that another program holds.
    const patience = machine === undefined ? {} : { sleep: virtualWait };
    const records = createRecords(
      {
        folders: { deliveries: folder, archives: join(folder, "archives") },
        owner: this.#owner,
        secrets: this.#mortalSecrets(machine?.slowSecrets ?? options.secrets),
        log,
        clock: { now, monotonic: machine === undefined ? awake : monotonic },
        patience,
        place: options.place,
        around: (journal) => this.#mortalJournal(options.journal?.(journal, () => this) ?? journal),
      },
      new DisposableStore(),
    );
    this.store = records.store;
    this.leases = records.leases;
    this.runner = createEngine(records, {
      leases: this.#mortalLeases(this.leases),
      log,
      accounts: { find: (id) => mailbox(id)?.account },
      serviceFor: async ({ id }) => {
        await options.readying?.();
        const service = mailbox(id)?.service;
        if (service === undefined) throw new Error(`No account ${id}`);
        return service;
      },
      mostBytes: () => options.door?.mostBytes ?? null,
      inspect: (path, maxBytes = NYLAS_MAX_FILE_BYTES) => this.#life.guard(() => inspectFile(path, maxBytes)),
      openFile: (path, maxBytes, _limitOf, options) =>
        this.#life.guard(() => this.#source(path, maxBytes, options)),
      openLine: (owner) => this.#line(owner, now),
      clock: { now, monotonic },
      sleep: (ms, signal) => this.#sleep(ms, signal),
      random: () => 0,
      ...(machine === undefined ? {} : { memory: memento() }),
      sendGraceMs: options.sendGraceMs ?? 0,
      undoSendMs: options.undoSendMs ?? (() => 0),
      consent: options.consent ?? (async () => "leave"),
      ...(options.tell === undefined ? {} : { tell: options.tell }),
      goesAsItIs: options.goesAsItIs ?? (() => false),
      ...(options.mostBoth === undefined ? {} : { mostBoth: options.mostBoth }),
      ...(options.watch === undefined ? {} : { watch: options.watch }),
      asksForReceipts: options.asksForReceipts ?? (() => false),
      ...(options.ownLimits === undefined ? {} : { ownLimits: options.ownLimits }),
      ...(options.secretDoor === undefined ? {} : { secretDoor: options.secretDoor }),
      ...(options.rules === undefined ? {} : { rules: options.rules({ store: this.store, log }) }),
    });
    const lane = new Lane();
    this.#program = { lane, noticed: (id) => void this.act(() => this.runner.noticed(id)).catch(note) };
    machine?.start(this.#program);
    this.#life.atEnd(() => {
      this.leases.dispose();
      void this.runner.shutdown(); // Ends its timers; whatever it waits for does not come.
      machine?.end(this.#program);
    });
  }

  /** What a person or the editor has the window do: as soon as it goes on, where it is stopped. */
  act<T>(work: () => Promise<T>): Promise<T> {
    const { machine } = this.#options;
    const guarded = () => this.#life.guard(work);
    return machine === undefined ? guarded() : machine.time.run(this.#program.lane, guarded);
  }

  get isStopped(): boolean {
    return this.#life.isStopped;
  }

  /** As when its host has no time of the processor for a while: nothing of it goes on, neither answers nor timers. */
  stop(): void {
    this.#life.stop();
    this.#program.lane.isFrozen = true;
  }

  goOn(): void {
    this.#program.lane.isFrozen = false;
    this.#life.goOn();
  }

  /** Milliseconds since the epoch, by this machine's clock. */
  now(): number {
    const { machine, clockOffsetMs } = this.#options;
    return machine?.time.now() ?? Date.now() + (clockOffsetMs?.() ?? 0);
  }

  get isDead(): boolean {
    return this.#life.isOver;
  }

  /** Resolves with the delivery as soon as `condition` holds; with undefined when the window was killed before. */
  until(id: string, condition: (delivery: DeliveryRecord) => boolean): Promise<DeliveryRecord | undefined> {
    return new Promise((resolve) => {
      const look = () => {
        const delivery = this.isDead ? undefined : this.store.find(id);
        if (!this.isDead && (delivery === undefined || !condition(delivery))) return;
        listening.dispose();
        resolve(delivery);
      };
      const listening = this.store.onDidChange(look);
      this.#life.atEnd(look);
      look();
    });
  }

  /** What a window does when it opens. */
  async open(): Promise<this> {
    await this.act(async () => {
      await this.store.load();
      await this.runner.recover();
    });
    return this;
  }

  /** Ends in good order, as when the editor closes the window. */
  async close(): Promise<void> {
    if (this.isDead) return;
    await this.act(() => this.runner.shutdown());
    await this.#life.end();
  }

  /** True when the lease on the disk is this window's, whatever it knows itself. */
  drives(id: string): boolean {
    const path = join(this.#options.folder, `${id}.lease`);
    return existsSync(path) && readFileSync(path, "utf8").includes(this.#owner);
  }

  /** The body of a mail's text as a window would find it that starts now. */
  onDisk(id: string): string | undefined {
    const path = join(this.#options.folder, `${id}.json`);
    if (!existsSync(path)) return undefined;
    const record = JSON.parse(readFileSync(path, "utf8"));
    const log = loggedIn(record);
    if (log === undefined) return record.form.body;
    const logPath = join(this.#options.folder, `${id}.${log.name}${LOG}`);
    const noted = replayed(log.record, existsSync(logPath) ? readFileSync(logPath, "utf8") : "");
    return Object(noted).form.body;
  }

  /** Ends at once, as with SIGKILL: what is under way breaks off, and whoever looks at its leases finds no process. */
  async kill(): Promise<void> {
    await this.#life.end();
    const { folder } = this.#options;
    // Not as the process does it: its disk may be slow, or full.
    for (const name of readdirSync(folder)) {
      if (!name.endsWith(".lease")) continue;
      const path = join(folder, name);
      const holder = JSON.parse(readFileSync(path, "utf8"));
      if (holder.owner === this.#owner)
        writeFileSync(path, JSON.stringify({ ...holder, process: { ...holder.process, pid: deadPid } }));
    }
  }

  #line(owner: DisposableStore | undefined, now: () => number): Http {
    const { patienceMs, detour, machine } = this.#options;
    const line = new HttpLine({
      now,
      ...(owner === undefined ? {} : { connections: 1 }),
      ...(patienceMs === undefined ? {} : { stallMs: patienceMs }),
    });
    owner?.add(line);
    this.#life.atEnd(() => line.dispose());
    const send = (request: HttpRequest) =>
      outsideTime(() =>
        line.send({
          ...request,
          url: detour?.(request) ?? request.url,
          timeoutMs: patienceMs ?? request.timeoutMs,
        }),
      );
    return {
      send: (request) =>
        this.#life.guard(() => (machine === undefined ? send(request) : machine.busily(() => send(request)))),
    };
  }

  async #source(path: string, maxBytes: number, options: SourceOptions = {}): Promise<FileSource> {
    const { holdsOthersUp } = this.#options;
    const source = await FileSource.open(path, maxBytes, undefined, { holdsOthersUp, ...options });
    let open = true;
    const close = source.close.bind(source);
    source.close = async () => {
      if (open) await close();
      open = false;
    };
    if (this.isDead) await source.close(); // Opened at the very end: nobody else would.
    this.#life.atEnd(() => void source.close());
    return source;
  }

  #sleep(ms: number, signal: AbortSignal): Promise<void> {
    this.waits.push(ms);
    this.#waitedMs += ms;
    const { onSleep, machine } = this.#options;
    if (machine !== undefined) return this.#life.guard(() => sleep(ms, signal));
    if (onSleep === undefined) return this.#life.guard(() => wait(1, undefined, { signal }));
    const aborted = new Promise<never>((_, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    });
    return this.#life.guard(() => Promise.race([onSleep(ms), aborted]));
  }

  #mortalJournal(inner: Journal): Journal {
    return {
      readAll: () => this.#life.guard(() => inner.readAll()),
      read: (id) => this.#life.guard(() => inner.read(id)),
      write: (id, value, ...how) => this.#life.onDisk(() => inner.write(id, value, ...how)),
      remove: (id) => this.#life.onDisk(() => inner.remove(id)),
      setAside: (id) => this.#life.onDisk(() => inner.setAside(id)),
      readAside: () => this.#life.guard(async () => (await inner.readAside?.()) ?? []),
      tidy: (now) => this.#life.onDisk(async () => inner.tidy?.(now)),
    };
  }

  #mortalSecrets(inner: SecretShelf): SecretShelf {
    return {
      get: (key) => this.#life.guard(async () => inner.get(key)),
      store: (key, value) => this.#life.onDisk(async () => inner.store(key, value)),
      delete: (key) => this.#life.onDisk(async () => inner.delete(key)),
    };
  }

  #mortalLeases(inner: FileLeases): Leases {
    return {
      acquire: (name) => this.#life.onDisk(() => inner.acquire(name)),
      holds: (name) => inner.holds(name),
      isSure: (name) => inner.isSure(name),
      confirm: (name) => this.#life.onDisk(() => inner.confirm(name)),
      release: (name) => this.#life.onDisk(() => inner.release(name)),
      beat: () => this.#life.onDisk(() => inner.beat()),
      close: () => this.#life.onDisk(() => inner.close()),
      tidy: (isKnown) => this.#life.onDisk(() => inner.tidy(isKnown)),
      whereIs: (name) => this.#life.guard(() => inner.whereIs(name)),
      onDidLose: inner.onDidLose,
    };
  }
}

/** What a window keeps of its own. */
function memento() {
  const kept = new Map<string, unknown>();
  return {
    get: (key: string) => kept.get(key),
    update: async (key: string, value: unknown) => void kept.set(key, value),
  };
}

/** The `setTimeout` of whoever calls it: see `VirtualTime`. */
function virtualWait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
