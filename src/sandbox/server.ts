/**
 * Builds the practice mailbox from its parts: which service answers at which address, and what a restart must not
 * change (keys, ports). The process that it runs in: `main.ts`.
 */
import { randomBytes, randomUUID } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as z from "zod";
import { Clock } from "./base/clock.ts";
import { Forgetter } from "./base/mailLife.ts";
import { readJson, writeJson } from "./base/records.ts";
import { makeSelfSigned } from "./base/selfSigned.ts";
import { Control } from "./control.ts";
import type { DriveBehaviour } from "./drive/driveBehaviour.ts";
import { DriveHalf } from "./drive/driveHalf.ts";
import type { GraphBehaviour } from "./graph/graphBehaviour.ts";
import { GraphHalf, type TokenWish } from "./graph/graphHalf.ts";
import { type GraphUser, graphUsers } from "./graph/graphUsers.ts";
import type { RequestRecord } from "./http/exchange.ts";
import { Faults } from "./http/faults.ts";
import { HttpServer } from "./http/httpServer.ts";
import { Line } from "./http/line.ts";
import { InstanceService } from "./http/singleInstance.ts";
import { Inbox, refusersOf } from "./inbox/inbox.ts";
import { type RecipientsBehaviour, usualRecipients } from "./inbox/recipients.ts";
import { AccessTokens } from "./nylas/accessTokens.ts";
import { AttachmentUploads } from "./nylas/attachmentUploads.ts";
import { Directory, type Grant, practiceGrants } from "./nylas/grants.ts";
import { HostedAuth } from "./nylas/hostedAuth.ts";
import { IdempotencyKeys } from "./nylas/idempotency.ts";
import { Mailbox, mailReply } from "./nylas/mailbox.ts";
import { Nylas } from "./nylas/nylas.ts";
import { type NylasBehaviour, usualNylas } from "./nylas/nylasBehaviour.ts";
import { dataReply } from "./nylas/nylasErrors.ts";
import { NylasInbox } from "./nylas/nylasInbox.ts";
import type { MailView } from "./outbox/mailView.ts";
import { Outbox } from "./outbox/outbox.ts";
import { OutboxService } from "./outbox/outboxService.ts";
import { Postman } from "./outbox/postman.ts";
import { Storage, type StorageBehaviour } from "./storage/storage.ts";
import { Uploads } from "./storage/uploads.ts";

export interface SandboxOptions {
  /** Port of the mail API; 0 (default) takes a free one, or with `dataDir` the last one if it is free. */
  readonly port?: number;
  /** Where everything is kept (default: a temporary folder, deleted when the sandbox closes). */
  readonly dataDir?: string;
  readonly apiKey?: string;
  /** Replaces the usual four; the access token is for the first. */
  readonly grants?: readonly Grant[];
  /** Graph and its upload host use https, which some clients require; everything else stays on http. */
  readonly tls?: boolean;
}

export interface Sandbox {
  readonly nylas: {
    readonly apiUri: string;
    readonly apiKey: string;
    /** For the first grant only. */
    readonly accessToken: string;
    readonly grants: readonly Grant[];
    /** What is documented in several ways; tests switch it. */
    readonly behaviour: NylasBehaviour;
    /** The id of the application that people sign in to. */
    readonly clientId: string;
    /** Where a sign-in may return to; tests change the list. */
    readonly callbackUris: string[];
  };
  readonly graph: {
    /** Without `/v1.0`, which clients append. */
    readonly baseUrl: string;
    /** The practice user's, with every scope for mail. */
    readonly accessToken: string;
    readonly uploadOrigin: string;
    /** The user who is signed in, then those who share their mailbox. */
    readonly users: readonly GraphUser[];
    /** Issues other tokens, with fewer scopes or a shorter life. */
    issueToken(wish?: TokenWish): string;
    /** What differs between clouds and tenants; tests switch it. */
    readonly behaviour: GraphBehaviour;
    /** The same for OneDrive. */
    readonly drive: DriveBehaviour;
    /** With `tls`: the certificate that clients must trust, PEM. */
    readonly certificate: string | undefined;
  };
  readonly outbox: string;
  readonly control: string;
  readonly storageOrigin: string;
  readonly clock: Clock;
  readonly faults: Faults;
  /** What is not known about the real storage; tests switch it. */
  readonly storage: StorageBehaviour;
  /** Who accepts how much, and what comes back; tests switch it. */
  readonly recipients: RecipientsBehaviour;
  /** Every request so far, oldest first. */
  readonly requests: readonly RequestRecord[];
  /** Every mail that was sent, newest first, as the outbox shows it. */
  readonly mails: readonly MailView[];
  /** How many mails were sent. */
  readonly deliveries: number;
  /** What people got by signing in at Nylas, oldest first. */
  readonly signIns: HostedAuth["exchanges"];
  /** Issues a token of Nylas for an hour, like one from signing in. */
  signInAt(grant: Grant): string;
  /** Sends what is due right now: for tests that move the clock. */
  deliverDue(): Promise<void>;
  /** Ends every connection and timer, and deletes the files unless they were to be kept. */
  close(): Promise<void>;
}

/** The one callback address of an application that a desktop program listens on. */
const SIGN_IN_CALLBACK = "http://localhost:51739/callback";

/** What must stay the same after a restart, so that accounts and upload URLs keep working. */
const Identity = z.object({
  apiKey: z.string(),
  accessToken: z.string(),
  outboxToken: z.string(),
  clientId: z.string().optional(),
  port: z.number().optional(),
  storagePort: z.number().optional(),
  graph: z
    .object({
      secret: z.string(),
      accessToken: z.string(),
      port: z.number().optional(),
      uploadPort: z.number().optional(),
    })
    .optional(),
});

/** Starts the practice mailbox on the loopback interface. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const folder = options.dataDir ?? mkdtempSync(join(tmpdir(), "freight-mail-sandbox-"));
  mkdirSync(folder, { recursive: true });
  // No other user may enter it, even if the folder was there before.
  chmodSync(folder, 0o700);
  const identityPath = join(folder, "sandbox.json");
  const saved = Identity.safeParse(readJson(identityPath)).data;
  const token = () => randomBytes(24).toString("base64url");
  const apiKey = options.apiKey ?? saved?.apiKey ?? `nyk_sandbox_${token()}`;
  const accessToken = saved?.accessToken ?? `nyt_sandbox_${token()}`;
  const outboxToken = saved?.outboxToken ?? token();
  // A secret of this machine's user: others could sign in to the mailbox with it.
  const clientId = saved?.clientId ?? randomUUID();
  const grants = options.grants ?? practiceGrants;

  const clock = new Clock();
  const faults = new Faults(clock, new Line(join(folder, "line.json")));
  const requests: RequestRecord[] = [];
  const inbox = new Inbox(join(folder, "inbox"), clock, usualRecipients());
  const outbox = new Outbox(join(folder, "outbox"), clock, (mail, bytes) =>
    refusersOf(inbox.hear(mail, bytes)),
  );
  const uploads = new Uploads(join(folder, "uploads"), clock);
  const storage = new Storage(uploads);
  const keys = new IdempotencyKeys(clock);
  for (const mail of outbox.mails)
    if (mail.idempotency) {
      const { key, payload, firstAt } = mail.idempotency;
      keys.restore(mail.grantId, key, { payload, firstAt, reply: mailReply(mail) });
    }

  const selfSigned = options.tls ? makeSelfSigned() : undefined;
  const graphFront = new HttpServer({ clock, faults, requests, tls: selfSigned });
  const graphBytes = new HttpServer({ clock, faults, requests, tls: selfSigned });
  const secret = saved?.graph?.secret ?? token();
  const graph = new GraphHalf({
    folder,
    secret,
    outbox,
    inbox,
    clock,
    origin: () => graphFront.origin,
    uploadOrigin: () => graphBytes.origin,
  });
  const savedToken = saved?.graph?.accessToken;
  const graphToken = savedToken !== undefined && graph.isFresh(savedToken) ? savedToken : graph.issueToken();
  const { tokens: graphTokens, answers } = graph;
  const bytesOrigin = () => graphBytes.origin;
  const drive = new DriveHalf({ folder, tokens: graphTokens, answers, clock, bytesOrigin });
  graphFront.serve((path) => drive.atApi(path) ?? graph.api);
  graphBytes.serve((path) => drive.atBytes(path) ?? graph.uploadHost);

  const api = new HttpServer({ clock, faults, requests });
  const bytes = new HttpServer({ clock, faults, requests });
  const nylasBehaviour: NylasBehaviour = { ...usualNylas };
  const attachmentUploads = new AttachmentUploads({
    folder: join(folder, "sessions"),
    uploads,
    storage,
    clock,
    behaviour: nylasBehaviour,
    storageOrigin: () => bytes.origin,
  });
  const mailbox = new Mailbox({
    folder: join(folder, "drafts"),
    schedules: join(folder, "schedules"),
    outbox,
    uploads: attachmentUploads,
    clock,
    behaviour: nylasBehaviour,
  });
  for (const { grantId, idempotency, answer } of mailbox.schedules.answered)
    if (idempotency) {
      const { key, ...first } = idempotency;
      keys.restore(grantId, key, { ...first, reply: dataReply(202, { ...asObject(answer) }) });
    }
  outbox.dropAllBut([...mailbox.parts, ...graph.parts]);
  const tokens = new AccessTokens(secret, clock);
  const directory = new Directory({ grants, apiKey, accessToken, tokens });
  const callbackUris = [SIGN_IN_CALLBACK];
  const auth = new HostedAuth({
    clientId,
    clock,
    grants,
    apiKey,
    tokens,
    callbackUris,
    behaviour: nylasBehaviour,
  });
  const outboxPath = `/outbox/${outboxToken}`;
  const controlPath = `/control/${token()}`;
  const outboxService = new OutboxService(outbox, outboxPath, () => api.origin);
  const behaviours = {
    storage: storage.behaviour,
    graph: graph.behaviour,
    drive: drive.behaviour,
    nylas: nylasBehaviour,
    recipients: inbox.behaviour,
  };
  const control = new Control({ clock, faults, behaviours, requests, outbox, sessions: attachmentUploads });
  const nylas = new Nylas({
    directory,
    uploads: attachmentUploads,
    mailbox,
    messages: new NylasInbox({ inbox, outbox, behaviour: nylasBehaviour }),
    keys,
    behaviour: nylasBehaviour,
  });
  const neighbour = new InstanceService(apiKey);
  api.serve((path) => {
    if (InstanceService.serves(path)) return neighbour;
    if (path === outboxPath || path.startsWith(`${outboxPath}/`)) return outboxService;
    if (HostedAuth.serves(path)) return auth;
    return path === controlPath ? control : nylas;
  });
  bytes.serve(() => storage);

  const forgetter = new Forgetter(
    clock,
    [attachmentUploads, uploads, mailbox, outbox, inbox, graph, drive].map((part) => () => part.forgetOld()),
  );
  await forgetter.look();
  const post = new Postman([
    () => mailbox.schedules.deliverDue(),
    () => graph.deliverDue(),
    () => forgetter.look(),
  ]);
  const close = async () => {
    await post.stop();
    await Promise.all([api, bytes, graphFront, graphBytes].map((front) => front.close()));
    if (options.dataDir === undefined) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const port = await api.listen(options.port || undefined, saved?.port);
    // A page that shows the code, for people who have to copy it by hand.
    auth.callbackUris.push(`${api.origin}/v3/connect/auth/code`);
    const storagePort = await bytes.listen(undefined, saved?.storagePort);
    const graphIdentity = {
      secret,
      accessToken: graphToken,
      port: await graphFront.listen(undefined, saved?.graph?.port),
      uploadPort: await graphBytes.listen(undefined, saved?.graph?.uploadPort),
    };
    writeJson(identityPath, {
      apiKey,
      accessToken,
      outboxToken,
      clientId,
      port,
      storagePort,
      graph: graphIdentity,
    });
  } catch (reason) {
    await close();
    throw reason;
  }

  return {
    nylas: {
      apiUri: api.origin,
      apiKey,
      accessToken,
      grants,
      behaviour: nylasBehaviour,
      clientId,
      callbackUris: auth.callbackUris,
    },
    graph: {
      baseUrl: graphFront.origin,
      accessToken: graphToken,
      uploadOrigin: graphBytes.origin,
      users: graphUsers,
      issueToken: (wish) => graph.issueToken(wish),
      behaviour: graph.behaviour,
      drive: drive.behaviour,
      certificate: selfSigned?.cert,
    },
    outbox: `${api.origin}${outboxPath}`,
    control: `${api.origin}${controlPath}`,
    storageOrigin: bytes.origin,
    clock,
    faults,
    storage: storage.behaviour,
    recipients: inbox.behaviour,
    requests,
    get mails() {
      return outboxService.views();
    },
    get deliveries() {
      return outbox.mails.length;
    },
    signIns: auth.exchanges,
    signInAt: (grant) => tokens.issue(grant),
    deliverDue: () => post.walk(),
    close,
  };
}

/** Saved JSON, as an object. */
function asObject(json: unknown): object {
  return typeof json === "object" && json !== null ? json : {};
}
