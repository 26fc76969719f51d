import { randomBytes, randomUUID } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as z from "zod";
import { Clock } from "./base/clock.ts";
import { Forgetter } from "./base/forgetter.ts";
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
  /** Port of the mail API. 0, or none, takes a free one, and with `dataDir` the last one if it is free. */
  readonly port?: number;
  /** Where everything is kept. Without it, in a temporary folder that goes with the sandbox. */
  readonly dataDir?: string;
  readonly apiKey?: string;
  /** In the place of the usual four; the access token speaks for the first. */
  readonly grants?: readonly Grant[];
  /** Lets Graph and its upload host speak https, as some clients demand; the rest goes on without. */
  readonly tls?: boolean;
}

export interface Sandbox {
  readonly nylas: {
    readonly apiUri: string;
    readonly apiKey: string;
    /** Speaks for the first grant only. */
    readonly accessToken: string;
    readonly grants: readonly Grant[];
    /** What is documented in several ways, to be switched by tests. */
    readonly behaviour: NylasBehaviour;
    /** Of the application that people sign in to. */
    readonly clientId: string;
    /** Where a sign-in may come back to; tests change the list. */
    readonly callbackUris: string[];
  };
  readonly graph: {
    /** Without `/v1.0`, which clients append. */
    readonly baseUrl: string;
    /** Of the practice user; good for every scope. */
    readonly accessToken: string;
    readonly uploadOrigin: string;
    /** Who is signed in, and then those who share their mailbox. */
    readonly users: readonly GraphUser[];
    /** Other tokens, with fewer scopes or a shorter life. */
    issueToken(wish?: TokenWish): string;
    /** Where clouds and tenants differ, to be switched by tests. */
    readonly behaviour: GraphBehaviour;
    /** The same of OneDrive. */
    readonly drive: DriveBehaviour;
    /** With `tls`: what a client has to trust, PEM. */
    readonly certificate: string | undefined;
  };
  readonly outbox: string;
  readonly control: string;
  readonly storageOrigin: string;
  readonly clock: Clock;
  readonly faults: Faults;
  /** What is not settled about the real storage, to be switched by tests. */
  readonly storage: StorageBehaviour;
  /** Who takes how much, and what comes back; to be switched by tests. */
  readonly recipients: RecipientsBehaviour;
  /** Every request so far, oldest first. */
  readonly requests: readonly RequestRecord[];
  /** Every mail that went out, newest first, as the outbox tells it. */
  readonly mails: readonly MailView[];
  /** How many mails went out. */
  readonly deliveries: number;
  /** What people were given who signed in at Nylas, oldest first. */
  readonly signIns: HostedAuth["exchanges"];
  /** A token of Nylas for an hour, as whoever signs in gets one. */
  signInAt(grant: Grant): string;
  /** Sends now what is due, instead of within a moment: for tests whose time is not the real one. */
  deliverDue(): Promise<void>;
  /** Ends every connection and timer, and removes the files unless they are to be kept. */
  close(): Promise<void>;
}

/** The one address of an application's that a desktop program listens on. */
const SIGN_IN_CALLBACK = "http://localhost:51739/callback";

/** What must be the same after a restart, so that accounts and upload URLs go on working. */
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
  // Nobody else gets into it, whatever may lie in there from before.
  chmodSync(folder, 0o700);
  const identityPath = join(folder, "sandbox.json");
  const saved = Identity.safeParse(readJson(identityPath)).data;
  const token = () => randomBytes(24).toString("base64url");
  const apiKey = options.apiKey ?? saved?.apiKey ?? `nyk_sandbox_${token()}`;
  const accessToken = saved?.accessToken ?? `nyt_sandbox_${token()}`;
  const outboxToken = saved?.outboxToken ?? token();
  // Nobody else on this machine is told it, or they could sign in to the mailbox as well.
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
    // A page that shows the code, for whoever has to carry it over.
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

/** What was kept as JSON, as an object. */
function asObject(json: unknown): object {
  return typeof json === "object" && json !== null ? json : {};
}
