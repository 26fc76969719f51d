import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { FreightError } from "../../src/base/errors.ts";
import { compose, Desk, faultsMet } from "../support/desk.ts";
import { type Door, graph, nylas } from "../support/doors.ts";
import { type Engine, MemorySecrets } from "../support/engine.ts";
import { Folder } from "../support/files.ts";
import * as engineMails from "../support/shipping.ts";
import type { Window } from "../support/window.ts";
import { callGraph } from "./graphSupport.ts";

/** A network that can go away: nothing gets through then. */
class Network {
  isGone = false;
  readonly options = {
    detour: (): undefined => {
      if (this.isGone) throw new FreightError("offline", "No network.");
    },
  };
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setImmediate(resolve));
}

for (const door of [nylas, graph] as readonly Door[])
  describe(`What is over, through ${door.name}`, () => {
    let desk: Desk;
    let network: Network;
    let window: Window;

    beforeEach(async () => {
      desk = await Desk.set(door);
      network = new Network();
      window = await desk.open(network.options);
    });
    afterEach(() => desk.clear());

    /** A mail whose file is uploaded to the half, and stays so; without a network from then on. */
    async function halfUploaded(): Promise<string> {
      desk.sandbox.faults.arm({ step: "upload", fault: "stall", afterBytes: 400_000 });
      const id = await compose(window, await desk.file("a.bin", 4_000_000));
      await faultsMet(desk.sandbox);
      network.isGone = true;
      return id;
    }

    /** Everything that the service holds of a mail that is not sent. */
    async function held(): Promise<unknown[]> {
      const open = desk.sandbox.requests.filter(({ step, status }) => step === "cancel" && status === 499);
      if (door === nylas) return open.length > 0 ? [] : ["an upload"];
      const { json } = await callGraph(desk.sandbox, "GET", "/me/mailFolders/drafts/messages");
      return json.value;
    }

    const left = async () => (await readdir(desk.folder)).filter((name) => name.endsWith(".json"));

    it("is told when the network is back, of a mail that nobody sees any more", async () => {
      const id = await halfUploaded();
      await window.runner.forget(id);
      assert.equal(window.store.find(id), undefined);
      assert.deepEqual(window.store.list(), []);
      assert.notDeepEqual(await held(), []);
      assert.notEqual(desk.secrets.values.size, 0, "what is needed to tell it is kept");
      network.isGone = false;
      await until(async () => (await held()).length === 0);
      await until(() => desk.secrets.values.size === 0);
      await until(async () => (await left()).length === 0);
    });

    it("is told by the next window, and its text is on no disk until then", async () => {
      const id = await halfUploaded();
      const { form } = window.store.get(id);
      await window.runner.edit(id, { ...form, revision: 1, body: "A secret of mine" });
      await window.runner.forget(id);
      assert.equal((await left()).length, 1);
      await window.close();
      const record = JSON.stringify(await records(desk));
      assert.doesNotMatch(record, /A secret of mine|a\.bin/);
      const next = await desk.open();
      assert.deepEqual(next.store.list(), []);
      await until(async () => (await held()).length === 0);
      await until(() => desk.secrets.values.size === 0);
      await until(async () => (await left()).length === 0);
    });

    it("is told after the window was killed", async () => {
      const id = await halfUploaded();
      await window.runner.forget(id);
      await window.kill();
      await desk.open();
      await until(async () => (await held()).length === 0);
      await until(() => desk.secrets.values.size === 0);
    });

    for (const [what, act] of [
      ["a file that was taken out", (id: string, file: string) => window.runner.detach(id, file)],
      ["an upload that was cancelled", (id: string, file: string) => window.runner.cancel(id, file)],
    ] as const)
      it(`is told of ${what}, while the mail goes on`, async () => {
        const id = await halfUploaded();
        await act(id, window.store.get(id).attachments[0]?.id ?? "");
        assert.notDeepEqual(await held(), []);
        network.isGone = false;
        await until(async () => (await held()).length === 0);
        await until(() => desk.secrets.values.size === 0);
        assert.deepEqual(window.store.get(id).remoteCleanup, []);
        assert.equal(window.store.get(id).phase, "composing");
      });

    it("does not take what comes after it: a file is uploaded anew before the old one is given up", async () => {
      const id = await halfUploaded();
      const file = window.store.get(id).attachments[0]?.id ?? "";
      const renamed = window.runner.rename(id, file, "b.bin");
      await renamed;
      network.isGone = false;
      await window.until(id, ({ attachments }) => attachments.every(({ status }) => status === "ready"));
      await until(() => window.store.get(id).remoteCleanup.length === 0);
      const { form } = window.store.get(id);
      await window.runner.send(id, {
        ...form,
        revision: form.revision + 1,
        to: "reader@example.com",
        subject: `x (${id})`,
      });
      await window.until(id, ({ phase }) => phase === "sent");
      desk.witness.expectFile("b.bin", await fileOf(desk, "a.bin"));
      assert.deepEqual(
        desk.sandbox.mails.map(({ attachments }) => attachments.map(({ filename }) => filename)),
        [["b.bin"]],
      );
    });
  });

async function records(desk: Desk): Promise<unknown[]> {
  const names = (await readdir(desk.folder)).filter((name) => name.endsWith(".json"));
  return Promise.all(names.map(async (name) => JSON.parse(await readFile(`${desk.folder}/${name}`, "utf8"))));
}

async function fileOf(desk: Desk, name: string): Promise<Uint8Array> {
  return readFile(`${desk.files.path}/${name}`);
}

describe("A draft whose opening was not answered", () => {
  it("is looked for, and gone with the mail", async () => {
    const desk = await Desk.set(graph);
    const window = await desk.open();
    desk.sandbox.faults.arm({ step: "draft", fault: "stall", afterCommit: true });
    const id = await compose(window, await desk.file("a.bin", 10));
    await faultsMet(desk.sandbox);
    await window.runner.forget(id);
    await until(async () => {
      const { json } = await callGraph(desk.sandbox, "GET", "/me/mailFolders/drafts/messages");
      return json.value.length === 0 && desk.sandbox.requests.some(({ step }) => step === "discard");
    });
    await desk.clear();
  });
});

describe("What is over in an account that was removed", () => {
  let shipping: engineMails.Shipping;
  let state: Folder;
  let secrets: MemorySecrets;
  beforeEach(async () => {
    shipping = await engineMails.Shipping.start();
    state = await Folder.make();
    secrets = new MemorySecrets();
  });
  afterEach(async () => {
    await shipping.close();
    await state.remove();
  });

  async function engine(others: boolean): Promise<Engine> {
    const { apiKey, grants } = shipping.sandbox.nylas;
    const started = await shipping.engine({
      folder: state.path,
      secrets,
      ...(others ? { others: [{ id: "other", apiKey, grantId: grants[0]?.id ?? "" }] } : {}),
    });
    await started.store.load();
    await started.runner.recover();
    return started;
  }

  it("is told nobody, with a line in the log, and leaves no secret", async () => {
    const first = await engine(true);
    shipping.sandbox.faults.arm({ step: "upload", fault: "stall", afterBytes: 100_000 });
    const { deliveryId = "" } = await first.runner.compose(
      [await shipping.file("a.bin", 1_000_000)],
      "other",
    );
    await engineMails.eventually(() => shipping.sandbox.faults.unmet.length === 0);
    shipping.sandbox.faults.arm({ step: "cancel", fault: "refuse", status: 503, times: 50 });
    await first.runner.forget(deliveryId);
    await first.close();
    assert.equal(secrets.values.size, 1);
    const next = await engine(false);
    await engineMails.eventually(() => secrets.values.size === 0);
    assert.ok(next.log.some((line) => /account of something that is over was removed/.test(line)));
    shipping.sandbox.faults.clear();
  });
});
