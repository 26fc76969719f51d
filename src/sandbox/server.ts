import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as z from "zod";
import { AttachmentUploads } from "./attachmentUploads.ts";
import { Clock } from "./clock.ts";
import { Control } from "./control.ts";
import type { RequestRecord } from "./exchange.ts";
import { Faults } from "./faults.ts";
import { Front } from "./front.ts";
import { Directory, type Grant, practiceGrants } from "./grants.ts";
import { IdempotencyKeys } from "./idempotency.ts";
import { Mailbox, mailReply } from "./mailbox.ts";
import type { MailView } from "./mailView.ts";
import { Nylas } from "./nylas.ts";
import { Outbox } from "./outbox.ts";
import { OutboxService } from "./outboxService.ts";
import { readJson, writeJson } from "./records.ts";
import { Storage, type StorageBehaviour } from "./storage.ts";
import { Uploads } from "./uploads.ts";

export interface SandboxOptions {
  /** Port of the mail API. 0, or none, takes a free one, and with `dataDir` the last one if it is free. */
  readonly port?: number;
  /** Where everything is kept. Without it, in a temporary folder that goes with the sandbox. */
  readonly dataDir?: string;
  readonly apiKey?: string;
  /** In the place of the usual four; the access token speaks for the first. */
  readonly grants?: readonly Grant[];
}

export interface Sandbox {
  readonly nylas: {
    readonly apiUri: string;
    readonly apiKey: string;
    /** Speaks for the first grant only. */
    readonly accessToken: string;
    readonly grants: readonly Grant[];
  };
  readonly outbox: string;
  readonly control: string;
  readonly storageOrigin: string;
  readonly clock: Clock;
  readonly faults: Faults;
  /** What is not settled about the real storage, to be switched by tests. */
  readonly storage: StorageBehaviour;
  /** Every request so far, oldest first. */
  readonly requests: readonly RequestRecord[];
  /** Every mail that went out, newest first, as the outbox tells it. */
  readonly mails: readonly MailView[];
  /** How many mails went out. */
  readonly deliveries: number;
  /** Ends every connection and timer, and removes the files unless they are to be kept. */
  close(): Promise<void>;
}

/** What must be the same after a restart, so that accounts and upload URLs go on working. */
const Identity = z.object({
  apiKey: z.string(),
  accessToken: z.string(),
  outboxToken: z.string(),
  port: z.number().optional(),
  storagePort: z.number().optional(),
});

/** Starts the practice mailbox on the loopback interface. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const folder = options.dataDir ?? mkdtempSync(join(tmpdir(), "freight-mail-sandbox-"));
  mkdirSync(folder, { recursive: true });
  const identityPath = join(folder, "sandbox.json");
  const saved = Identity.safeParse(readJson(identityPath)).data;
  const token = () => randomBytes(24).toString("base64url");
  const apiKey = options.apiKey ?? saved?.apiKey ?? `nyk_sandbox_${token()}`;
  const accessToken = saved?.accessToken ?? `nyt_sandbox_${token()}`;
  const outboxToken = saved?.outboxToken ?? token();
  const grants = options.grants ?? practiceGrants;

  const clock = new Clock();
  const faults = new Faults(clock);
  const requests: RequestRecord[] = [];
  const outbox = new Outbox(join(folder, "outbox"), clock);
  const uploads = new Uploads(join(folder, "uploads"), clock);
  const storage = new Storage(uploads);
  const keys = new IdempotencyKeys(clock);
  for (const mail of outbox.mails)
    if (mail.idempotency) {
      const { key, payload, firstAt } = mail.idempotency;
      keys.restore(mail.grantId, key, { payload, firstAt, reply: mailReply(mail) });
    }

  const api = new Front({ clock, faults, requests });
  const bytes = new Front({ clock, faults, requests });
  const attachmentUploads = new AttachmentUploads({
    folder: join(folder, "sessions"),
    uploads,
    clock,
    storageOrigin: () => bytes.origin,
  });
  const mailbox = new Mailbox({ folder: join(folder, "drafts"), outbox, uploads: attachmentUploads, clock });
  const directory = new Directory({ grants, apiKey, accessToken });
  const outboxPath = `/outbox/${outboxToken}`;
  const controlPath = `/control/${token()}`;
  const outboxService = new OutboxService(outbox, outboxPath, () => api.origin);
  const control = new Control({ clock, faults, behaviour: storage.behaviour, requests, outbox });
  const nylas = new Nylas({ directory, uploads: attachmentUploads, mailbox, keys });
  api.serve((path) => {
    if (path === outboxPath || path.startsWith(`${outboxPath}/`)) return outboxService;
    return path === controlPath ? control : nylas;
  });
  bytes.serve(() => storage);

  const close = async () => {
    await Promise.all([api.close(), bytes.close()]);
    if (options.dataDir === undefined) rmSync(folder, { recursive: true, force: true });
  };
  try {
    const port = await api.listen(options.port || undefined, saved?.port);
    const storagePort = await bytes.listen(undefined, saved?.storagePort);
    writeJson(identityPath, { apiKey, accessToken, outboxToken, port, storagePort });
  } catch (reason) {
    await close();
    throw reason;
  }

  return {
    nylas: { apiUri: api.origin, apiKey, accessToken, grants },
    outbox: `${api.origin}${outboxPath}`,
    control: `${api.origin}${controlPath}`,
    storageOrigin: bytes.origin,
    clock,
    faults,
    storage: storage.behaviour,
    requests,
    get mails() {
      return outboxService.views();
    },
    get deliveries() {
      return outbox.mails.length;
    },
    close,
  };
}
