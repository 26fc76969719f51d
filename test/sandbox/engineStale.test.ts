import assert from "node:assert/strict";
import { setImmediate as immediate } from "node:timers/promises";
import type { DeliveryRecord } from "../../src/delivery/record/delivery.ts";
import type { Http } from "../../src/net/http.ts";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { compose, Desk, isSettled } from "../support/desk.ts";
import { type Engine, MemorySecrets, startEngine } from "../support/engine.ts";
import { Folder, sample } from "../support/files.ts";
import type { Window } from "../support/window.ts";
import { grantsOf } from "./support.ts";

describe("What somebody decides on a mail that is another one by now", () => {
  let desk: Desk;
  let window: Window;
  beforeEach(async () => {
    desk = await Desk.set();
    window = await desk.open();
  });
  afterEach(() => desk.clear());

  it("does not send the text of another window, which nobody here has read", async () => {
    const id = await compose(window, await desk.file());
    const { form } = window.store.get(id);
    const theirs = { ...form, to: "theirs@example.com", subject: `Theirs (${id})`, revision: 7 };
    await window.runner.edit(id, theirs);
    const ours = { ...form, to: "ours@example.com", subject: "Ours", revision: 7 };
    assert.match((await window.runner.send(id, ours))?.message ?? "", /changed in another window/);
    assert.equal(window.store.get(id).phase, "composing");
    assert.equal(await window.runner.send(id, theirs), undefined);
    assert.equal((await window.until(id, isSettled))?.phase, "sent");
    assert.deepEqual(
      desk.sandbox.mails.map(({ subject }) => subject),
      [`Theirs (${id})`],
    );
  });

  it("brings no zip of a file that was taken out while it was packed", async () => {
    const id = await compose(window, await desk.file());
    const [file] = window.store.get(id).attachments;
    assert.ok(file);
    await window.runner.detach(id, file.id);
    await window.runner.replace(id, file.id, await desk.file());
    assert.deepEqual(window.store.get(id).attachments, []);
  });
});

/** Secrets that are not there at once, as on a machine that keeps them in a keyring. */
class SlowSecrets extends MemorySecrets {
  override async get(key: string): Promise<string | undefined> {
    await turns();
    return super.get(key);
  }
  override async delete(key: string): Promise<void> {
    await turns();
    await super.delete(key);
  }
}

const turns = async () => {
  for (let turn = 0; turn < 20; turn++) await immediate();
};

describe("An account that is chosen while another one still is", () => {
  let sandbox: Sandbox;
  let files: Folder;
  let engine: Engine;
  let id: string;
  /** Where sessions were created, the latest last. */
  let grants: string[];

  beforeEach(async () => {
    sandbox = await startSandbox();
    files = await Folder.make();
    grants = [];
    const { apiUri, apiKey } = sandbox.nylas;
    const grantId = grantsOf(sandbox).microsoft.id;
    const between = (http: Http): Http => ({
      send: (request) => {
        const grant = /grants\/([^/]+)\/attachment-uploads$/.exec(request.url)?.[1];
        if (grant !== undefined) grants.push(grant);
        return http.send(request);
      },
    });
    const others = ["b", "c"].map((name) => ({ id: name, apiKey, grantId: `unknown-${name}` }));
    engine = await startEngine({ apiUri, apiKey, grantId, between, others, secrets: new SlowSecrets() });
    const composed = await engine.runner.compose([await files.file("x.bin", sample(1000))], "account");
    id = composed.deliveryId ?? "";
    await engine.until(id, isReady);
  });
  afterEach(async () => {
    await engine.close();
    await sandbox.close();
    await files.remove();
  });
  const isReady = ({ attachments }: DeliveryRecord) => attachments.every(({ status }) => status === "ready");
  const isSettled = ({ attachments }: DeliveryRecord) =>
    attachments.every(({ status }) => ["ready", "failed"].includes(status));

  it("is where the files go, too", async () => {
    await Promise.all([engine.runner.chooseAccount(id, "b"), engine.runner.chooseAccount(id, "c")]);
    await engine.until(id, isSettled);
    assert.equal(engine.store.get(id).accountId, "c");
    assert.equal(grants.at(-1), "unknown-c");
  });

  it("may be the one of before", async () => {
    await Promise.all([engine.runner.chooseAccount(id, "b"), engine.runner.chooseAccount(id, "account")]);
    await engine.until(id, isReady);
    assert.equal(engine.store.get(id).accountId, "account");
    assert.equal(grants.at(-1), grantsOf(sandbox).microsoft.id);
  });

  it("gets a file that is attached meanwhile", async () => {
    const choosing = engine.runner.chooseAccount(id, "b");
    await immediate();
    await engine.runner.attach(id, [await files.file("late.bin", sample(500))]);
    await choosing;
    await engine.until(id, isSettled);
    assert.deepEqual(grants.slice(-2), ["unknown-b", "unknown-b"]);
    assert.deepEqual(
      engine.store.get(id).attachments.map(({ status }) => status),
      ["failed", "failed"],
    );
  });
});
