import assert from "node:assert/strict";
import {
  AuthenticationHandler,
  Client,
  type Context,
  type FileObject,
  GraphError,
  LargeFileUploadTask,
  type Middleware,
  type Range,
  RetryHandler,
} from "@microsoft/microsoft-graph-client";
import { Agent, fetch } from "undici";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { driveToken, recipient, settle } from "./graphSupport.ts";
import { MiB, sampleBytes, sha256, until } from "./support.ts";

/** Sends the requests, and trusts the sandbox's certificate and no other that is not trusted anyway. */
class FetchHandler implements Middleware {
  readonly #dispatcher: Agent;

  constructor(certificate: string | undefined) {
    this.#dispatcher = new Agent(certificate === undefined ? {} : { connect: { ca: certificate } });
  }

  async execute(context: Context): Promise<void> {
    assert.ok(typeof context.request === "string");
    const { method = "GET", headers: given, body } = context.options ?? {};
    // The client speaks in the terms of Node's own fetch, which takes no dispatcher of the package.
    const answer = await fetch(context.request, {
      method,
      headers: [...new Headers(given)],
      body: typeof body === "string" || body instanceof Uint8Array ? body : null,
      dispatcher: this.#dispatcher,
    });
    const bytes = await answer.arrayBuffer();
    const { status, headers } = answer;
    context.response = new Response(bytes.byteLength > 0 ? bytes : null, { status, headers: [...headers] });
  }

  /** The bytes behind an address. */
  async get(url: string): Promise<ArrayBuffer> {
    return (await fetch(url, { dispatcher: this.#dispatcher })).arrayBuffer();
  }

  close(): Promise<void> {
    return this.#dispatcher.close();
  }
}

describe("Microsoft's own Graph client", () => {
  let sandbox: Sandbox;
  let client: Client;
  let fetching: FetchHandler;
  before(async () => {
    // To this client only https addresses are absolute.
    sandbox = await startSandbox({ tls: true });
    fetching = new FetchHandler(sandbox.graph.certificate);
    const authentication = new AuthenticationHandler({
      getAccessToken: async () => driveToken(sandbox),
    });
    const retry = new RetryHandler();
    authentication.setNext(retry);
    retry.setNext(fetching);
    client = Client.initWithMiddleware({
      // It knows hosts, but no ports; so the host that gets the token needs another name than that which must not.
      baseUrl: sandbox.graph.baseUrl.replace("127.0.0.1", "localhost"),
      customHosts: new Set(["localhost"]),
      middleware: authentication,
    });
  });
  afterEach(() => settle(sandbox));
  after(async () => {
    await fetching.close();
    await sandbox.close();
  });

  /** A file that can be read at any place, other than the client's own streams. */
  const fileOf = (name: string, content: Buffer<ArrayBuffer>): FileObject<Buffer> => ({
    name,
    content,
    size: content.length,
    sliceFile: ({ minValue, maxValue }: Range) => content.subarray(minValue, maxValue + 1),
  });
  const draft = async (subject: string): Promise<string> => {
    const message = {
      subject,
      body: { contentType: "Text", content: "" },
      toRecipients: [recipient("a@example.com")],
    };
    return (await client.api("/me/messages").header("Prefer", 'IdType="ImmutableId"').post(message)).id;
  };
  const task = async (id: string, file: FileObject<Buffer>) => {
    const AttachmentItem = { attachmentType: "file", name: file.name, size: file.size };
    const path = `/me/messages/${id}/attachments/createUploadSession`;
    const session = await LargeFileUploadTask.createUploadSession(client, path, { AttachmentItem });
    // Its own 5 MiB are more than a range may have.
    return new LargeFileUploadTask(client, file, session, { rangeSize: 3_932_160 });
  };

  it("uploads 150 MB and 5 MB, each to its draft, and sends both byte for byte", async () => {
    for (const [name, size] of [
      ["large.bin", 150 * MiB],
      ["small.bin", 5 * MiB + 1],
    ] as const) {
      const content = sampleBytes(size);
      const id = await draft(name);
      const result = await (await task(id, fileOf(name, content))).upload();
      assert.match(result.location, /\/Attachments\('[\w-]+=+'\)$/);
      const list = await client.api(`/me/messages/${id}/attachments`).select("name,size").get();
      assert.equal(list.value[0].name, name);
      await client.api(`/me/messages/${id}/send`).post(undefined);
      const [mail] = sandbox.mails;
      assert.deepEqual(
        mail?.attachments.map(({ filename, sha256 }) => [filename, sha256]),
        [[name, sha256(content)]],
      );
    }
    assert.equal(sandbox.deliveries, 2);
    const uploads = sandbox.requests.filter(({ service }) => service === "graphUpload");
    assert.ok(uploads.length >= 42);
    assert.deepEqual(
      uploads.filter(({ headers }) => headers.authorization !== undefined),
      [],
    );
  });

  for (const casing of ["documented", "camel", "pascal"] as const)
    for (const nextRange of ["N", "N-", "N-M"] as const)
      it(`goes on after a part of a range was kept, told in ${casing} case with ${nextRange}`, async () => {
        Object.assign(sandbox.graph.behaviour, { casing, nextRange });
        const content = sampleBytes(4_500_000);
        const id = await draft("Part");
        sandbox.faults.arm({ step: "upload", fault: "keepFewerBytes", bytes: 1_234_567 });
        await (await task(id, fileOf("part.bin", content))).upload();
        await client.api(`/me/messages/${id}/send`).post(undefined);
        assert.equal(sandbox.mails[0]?.attachments[0]?.sha256, sha256(content));
      });

  it("resumes by a GET after a connection that was lost", async () => {
    Object.assign(sandbox.graph.behaviour, { casing: "camel" });
    const content = sampleBytes(9_000_000);
    const upload = await task(await draft("Resumed"), fileOf("resumed.bin", content));
    sandbox.faults.arm({ step: "upload", fault: "resetMidBody", afterBytes: 1_000_000, skip: 1 });
    await assert.rejects(upload.upload());
    await upload.resume();
    assert.equal(sandbox.requests.at(-1)?.status, 201);
  });

  it("gives a message a Reply-To and headers, also later, and sends it at its time", async () => {
    const before = sandbox.deliveries;
    const message = client.api("/me/messages").header("Prefer", 'IdType="ImmutableId"');
    const { id } = await message.post({
      subject: "Later",
      body: { contentType: "Text", content: "" },
      toRecipients: [recipient("a@example.com")],
      internetMessageHeaders: [{ name: "x-first", value: "1" }],
    });
    const headers = { internetMessageHeaders: [{ name: "x-late", value: "2" }] };
    await assert.rejects(client.api(`/me/messages/${id}`).patch(headers), /when a message is created only/);
    await client.api(`/me/messages/${id}`).patch({
      replyTo: [recipient("desk@example.com", "Desk")],
      singleValueExtendedProperties: [
        { id: "String {00020386-0000-0000-C000-000000000046} Name x-late", value: "2" },
        { id: "SystemTime 0x3FEF", value: new Date(Date.now() + 3_600_000).toISOString() },
      ],
    });
    await client.api(`/me/messages/${id}/send`).post(undefined);
    assert.equal((await client.api(`/me/messages/${id}`).get()).isDraft, true);
    assert.equal(sandbox.deliveries, before);
    sandbox.clock.advance(3_601_000);
    await until(() => sandbox.deliveries > before);
    const [mail] = sandbox.mails;
    assert.deepEqual(mail?.reply_to, [{ email: "desk@example.com", name: "Desk" }]);
    assert.deepEqual(mail?.custom_headers, [
      { name: "x-first", value: "1" },
      { name: "x-late", value: "2" },
    ]);
    assert.equal((await client.api(`/me/messages/${id}`).get()).isDraft, false);
  });

  it("uploads a file to the drive, resumes it there, and makes a link that serves its bytes", async () => {
    const content = sampleBytes(3 * 327_680 + 5);
    const session = await LargeFileUploadTask.createUploadSession(
      client,
      "/me/drive/root:/Freight Mail/report 1.pdf:/createUploadSession",
      { item: { "@microsoft.graph.conflictBehavior": "rename" } },
    );
    const upload = new LargeFileUploadTask(client, fileOf("report 1.pdf", content), session, {
      rangeSize: 327_680,
    });
    sandbox.faults.arm({ step: "upload", fault: "resetMidBody", afterBytes: 1000, skip: 1 });
    await assert.rejects(upload.upload());
    await upload.resume();
    const item = await client.api("/me/drive/root:/Freight Mail/report 1.pdf").get();
    assert.deepEqual([item.name, item.size], ["report 1.pdf", content.length]);
    const { link } = await client
      .api(`/me/drive/items/${item.id}/createLink`)
      .post({ type: "view", scope: "anonymous" });
    const answer = await fetching.get(`${link.webUrl}?download=1`);
    assert.equal(sha256(Buffer.from(answer)), sha256(content));
  });

  it("cancels, which it believes on a 204 only", async () => {
    const upload = await task(await draft("Cancelled"), fileOf("cancelled.bin", sampleBytes(4_000_000)));
    await upload.cancel();
    assert.equal(upload.getUploadSession().isCancelled, true);
  });

  it("reads the errors", async () => {
    const id = await draft("Small");
    await assert.rejects(task(id, fileOf("small.bin", sampleBytes(1000))), (reason) => {
      assert.ok(reason instanceof GraphError);
      assert.deepEqual(
        [reason.statusCode, reason.code],
        [400, "ErrorAttachmentSizeShouldNotBeLessThanMinimumSize"],
      );
      return true;
    });
  });
});
