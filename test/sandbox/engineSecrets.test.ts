import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { inspect } from "node:util";
import { explain } from "../../src/base/log.ts";
import { panelSnapshot } from "../../src/delivery/words/describe.ts";
import { HttpLine } from "../../src/net/http.ts";
import { type Engine, MemorySecrets } from "../support/engine.ts";
import { compose, eventually, pressSend, Shipping, settled, ship } from "../support/shipping.ts";

const KiB = 1024;
const MiB = 1024 * KiB;

describe("No secret", () => {
  let shipping: Shipping;
  let engine: Engine;
  /** Every upload URL that was handed out. */
  let urls: string[];

  beforeEach(async () => {
    shipping = await Shipping.start();
    urls = [];
    engine = await shipping.engine({
      between: (http) => ({
        send: async (request) => {
          const answer = await http.send(request);
          if (answer.status === 201) urls.push(JSON.parse(answer.text).data.url);
          return answer;
        },
      }),
    });
  });
  afterEach(() => shipping.close());

  /** What may open something: keys, upload URLs, and the id within each. */
  function secrets(): string[] {
    const ids = urls.map((url) => new URL(url).searchParams.get("upload_id") ?? url);
    return [shipping.sandbox.nylas.apiKey, ...urls, ...ids];
  }

  function assertNone(text: string, where: string): void {
    assert.ok(urls.length > 0);
    for (const secret of secrets()) assert.ok(!text.includes(secret), `${where}: ${text.slice(0, 500)}`);
  }

  it("stands in the log, whatever goes wrong at whatever step", async () => {
    shipping.sandbox.faults.arm(
      { step: "create", fault: "resetBeforeBody" },
      { step: "upload", fault: "resetMidBody", afterBytes: 300 * KiB },
      { step: "probe", fault: "dropReplyAfterCommit" },
      { step: "probe", fault: "refuse", status: 503, body: "html" },
      { step: "upload", fault: "refuse", status: 404 },
      { step: "upload", fault: "refuse", status: 400 },
      { step: "complete", fault: "htmlBody" },
    );
    const path = await shipping.file("a.bin", MiB);
    const { id, attachments } = await ship(engine, path);
    assert.equal(attachments[0]?.status, "failed");
    shipping.sandbox.faults.arm(
      { step: "send", fault: "dropReplyAfterCommit" },
      { step: "send", fault: "refuse", status: 401 },
    );
    await engine.runner.resume(id, attachments[0]?.id ?? "");
    assert.equal((await settled(engine, id)).phase, "unconfirmed");
    assert.ok(engine.log.length >= 2, "something was logged");
    assertNone(engine.log.join("\n"), "log");
  });

  it("stands in the log when the storage cannot be told of a cancelled upload", async () => {
    shipping.sandbox.faults.arm(
      { step: "upload", fault: "stall", afterBytes: 300 * KiB },
      { step: "cancel", fault: "resetBeforeBody" },
    );
    const deliveryId = await compose(engine, await shipping.file("a.bin", MiB));
    await eventually(() => shipping.sandbox.faults.report()[0]?.spent === true);
    await engine.runner.cancel(deliveryId, engine.store.get(deliveryId).attachments[0]?.id ?? "");
    await eventually(() => engine.log.some((line) => line.includes("was not told")));
    assertNone(engine.log.join("\n"), "log");
  });

  it("stands in the records on disk, at any time", async () => {
    shipping.sandbox.faults.arm({ step: "upload", fault: "stall", afterBytes: 300 * KiB, ms: 20 });
    const deliveryId = await compose(engine, await shipping.file("a.bin", MiB));
    let seen = 0;
    const look = async () => {
      for (const name of await readdir(engine.folder)) {
        const text = await readFile(join(engine.folder, name), "utf8").catch(() => "");
        if (urls.length > 0) assertNone(text, name);
        seen += text.length;
      }
    };
    await pressSend(engine, deliveryId);
    const done = settled(engine, deliveryId);
    while (engine.store.get(deliveryId).phase !== "sent") {
      await look();
      await new Promise(setImmediate);
    }
    await done;
    await look();
    assert.ok(seen > 1000);
  });

  it("stands in what the panel, the tree and the status bar are shown", async () => {
    const texts: string[] = [];
    engine.store.onDidChange(({ delivery }) => {
      if (delivery === undefined) return;
      texts.push(JSON.stringify(delivery));
      texts.push(JSON.stringify(panelSnapshot(delivery, { accounts: [], notice: null, now: Date.now() })));
    });
    shipping.sandbox.faults.arm({ step: "upload", fault: "refuse", status: 404, times: 3 });
    await ship(engine, await shipping.file("a.bin", MiB));
    assertNone(texts.join("\n"), "state");
  });

  it("is left in secret storage when its time is over", async () => {
    const deliveryId = await compose(engine, await shipping.file("a.bin", MiB));
    await settled(engine, deliveryId);
    // The upload is complete: nothing can be put any more.
    await eventually(() => engine.secrets.values.size === 0);
  });

  it("is left in secret storage that was not ready when a file was: neither file nor mail waits for that", async () => {
    let failures = 0;
    class Locked extends MemorySecrets {
      override async delete(key: string): Promise<void> {
        if (failures++ < 1) throw new Error("The keyring is locked.");
        return super.delete(key);
      }
    }
    engine = await shipping.engine({ secrets: new Locked() });
    const deliveryId = await compose(engine, await shipping.file("a.bin", MiB));
    assert.equal((await settled(engine, deliveryId)).attachments[0]?.status, "ready");
    await pressSend(engine, deliveryId);
    assert.equal((await settled(engine, deliveryId)).phase, "sent");
    await eventually(() => engine.secrets.values.size === 0);
    assert.ok(failures > 1);
  });

  it("stands in the error of a request that failed, with all that it carries", async () => {
    const server = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const port = typeof address === "object" ? address?.port : 0;
    const line = new HttpLine();
    const { signal } = new AbortController();
    const secret = "SECRET-1234567890";
    for (const url of [
      `http://127.0.0.1:${port}/x?upload_id=${secret}`,
      `https://127.0.0.1:${port}/${secret}`,
    ]) {
      const headers = { authorization: `Bearer ${secret}` };
      const reason: unknown = await line
        .send({ method: "POST", url, headers, body: "{}", timeoutMs: 1000, signal })
        .catch((error: unknown) => error);
      assert.ok(reason instanceof Error);
      assert.ok(!explain(reason).includes(secret));
      assert.ok(!inspect(reason, { depth: 5 }).includes(secret));
    }
    line.dispose();
    await new Promise((resolve) => server.close(resolve));
    await ship(engine, await shipping.file("a.bin", 10)); // The hook wants to see an upload.
  });
});
