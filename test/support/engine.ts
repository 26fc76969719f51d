/** The engine as the extension wires it, without VS Code: real files, real sockets, real timers where it matters. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { Account, SecretShelf } from "../../src/accounts/accountBook.ts";
import { createEngine, createRecords } from "../../src/app/createEngine.ts";
import { DisposableStore } from "../../src/base/lifecycle.ts";
import type { DeliveryRecord } from "../../src/delivery/record/delivery.ts";
import type { DeliveryRunner } from "../../src/delivery/runner.ts";
import type { DeliveryStore } from "../../src/delivery/store/store.ts";
import type { Network } from "../../src/net/connect/dialler.ts";
import { type Http, HttpLine } from "../../src/net/http.ts";
import type { MailService } from "../../src/services/mailService.ts";
import { nylasService } from "../../src/services/nylas/nylasService.ts";

export class MemorySecrets implements SecretShelf {
  readonly values = new Map<string, string>();

  async get(key: string): Promise<string | undefined> {
    return this.values.get(key);
  }

  async store(key: string, value: string): Promise<void> {
    this.values.set(key, value);
  }

  async delete(key: string): Promise<void> {
    this.values.delete(key);
  }
}

/** An account of an engine, if it has more than the one. */
export interface OtherAccount {
  readonly id: string;
  readonly apiKey: string;
  readonly grantId: string;
  /** Whose mailbox it is; Microsoft's unless told. */
  readonly provider?: string;
}

export interface EngineOptions {
  readonly apiUri: string;
  /** Or what gives a token for each call. */
  readonly apiKey: string | (() => Promise<string>);
  readonly grantId: string;
  /** Whose mailbox it is; Microsoft's unless told. */
  readonly provider?: string;
  readonly others?: readonly OtherAccount[];
  /** Stands between the engine and the service, to see or to spoil what goes by; the bytes of uploads pass elsewhere. */
  readonly between?: (http: Http) => Http;
  /** The way out; unset: direct. */
  readonly network?: () => Network;
  /** Shared by engines that stand for windows of one machine, or for one before and after a restart. */
  readonly folder?: string;
  readonly secrets?: MemorySecrets;
  /** Awaited each time the service is asked for, as the key in secret storage is. */
  readonly readying?: () => Promise<void>;
  /** Real waits are replaced by this many milliseconds. */
  readonly backoffMs?: number;
  readonly sendGraceMs?: number;
  /** How long a mail that is ready waits before it leaves; not at all unless told. */
  readonly undoSendMs?: () => number;
}

export interface Engine {
  readonly store: DeliveryStore;
  readonly runner: DeliveryRunner;
  readonly account: Account;
  readonly service: MailService;
  readonly secrets: MemorySecrets;
  readonly folder: string;
  readonly log: string[];
  /** The waits that were asked for, in milliseconds. */
  readonly waits: number[];
  /** How far this engine's clock is ahead of the real one. */
  readonly clock: { aheadMs: number };
  /** Resolves with the delivery as soon as `condition` holds. */
  until(id: string, condition: (delivery: DeliveryRecord) => boolean): Promise<DeliveryRecord>;
  close(): Promise<void>;
}

export async function startEngine(options: EngineOptions): Promise<Engine> {
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), "freight-engine-")));
  const secrets = options.secrets ?? new MemorySecrets();
  const lines: string[] = [];
  const note = (message: string) => void lines.push(message);
  const log = { trace: note, info: note, warn: note, error: note };
  const waits: number[] = [];
  const clock = { aheadMs: 0 };
  const now = () => Date.now() + clock.aheadMs;
  const network = options.network === undefined ? {} : { network: options.network };
  const line = new HttpLine({ now, ...network });
  const http = options.between?.(line) ?? line;
  const account: Account = {
    id: "account",
    service: "nylas",
    serviceName: "Nylas",
    hasCalendar: false,
    email: "sender@example.com",
    provider: options.provider ?? "microsoft",
    apiUri: options.apiUri,
    grantId: options.grantId,
  };
  const { apiUri, others = [] } = options;
  const mailboxes = [{ ...options, id: account.id }, ...others];
  const services = new Map(
    mailboxes.map(({ id, apiKey: credential, grantId, provider = "microsoft" }) => [
      id,
      { provider, service: nylasService({ apiUri, credential }, { grantId, provider }, http) },
    ]),
  );
  const serviceOf = (id: string): MailService => {
    const found = services.get(id)?.service;
    if (found === undefined) throw new Error(`No account ${id}`);
    return found;
  };
  const owner = new DisposableStore();
  const records = createRecords(
    {
      folders: { deliveries: folder, archives: join(folder, "archives") },
      secrets,
      log,
      clock: { now, monotonic: () => performance.now() },
    },
    owner,
  );
  const { store } = records;
  const runner = createEngine(records, {
    log,
    accounts: {
      find: (id) => {
        const found = services.get(id ?? "");
        return found === undefined || id === null ? undefined : { ...account, id, provider: found.provider };
      },
    },
    serviceFor: async ({ id }) => {
      await options.readying?.();
      return serviceOf(id);
    },
    ...network,
    clock: { now, monotonic: () => performance.now() },
    sleep: (ms, signal) => {
      waits.push(ms);
      return wait(options.backoffMs ?? 1, undefined, { signal });
    },
    random: () => 0,
    sendGraceMs: options.sendGraceMs ?? 0,
    undoSendMs: options.undoSendMs ?? (() => 0),
  });
  const watching = await records.watch((id) => {
    void runner.noticed(id).catch((reason: unknown) => note(String(reason)));
  });
  return {
    store,
    runner,
    account,
    service: serviceOf(account.id),
    waits,
    clock,
    secrets,
    folder,
    log: lines,
    until: (id, condition) =>
      new Promise((resolve) => {
        const look = () => {
          const delivery = store.find(id);
          if (delivery === undefined || !condition(delivery)) return;
          listening.dispose();
          resolve(delivery);
        };
        const listening = store.onDidChange(look);
        look();
      }),
    close: async () => {
      watching.dispose();
      await runner.shutdown();
      line.dispose();
      owner.dispose();
      if (options.folder === undefined) await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
