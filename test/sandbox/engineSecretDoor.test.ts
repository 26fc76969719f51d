import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { EventRef } from "../../src/delivery/record/delivery.ts";
import { type NamedSecret, type SecretAnswer, SecretDoor } from "../../src/delivery/rules/secretDoor.ts";
import { compose, Desk, pressSend } from "../support/desk.ts";
import { sampleOf } from "../support/files.ts";
import type { Window } from "../support/window.ts";

const KEY = "-----BEGIN PRIVATE KEY-----\nbm90IGEga2V5\n";

describe("A file that looks like a secret", () => {
  let desk: Desk;
  let window: Window;
  let asked: { readonly found: readonly NamedSecret[]; readonly hasOthers: boolean }[];
  let answer: SecretAnswer;

  beforeEach(async () => {
    desk = await Desk.set();
    asked = [];
    answer = "nothing";
    const ask = async (found: readonly NamedSecret[], hasOthers: boolean) => {
      asked.push({ found, hasOthers });
      return answer;
    };
    const originOf = (path: string) => (path.endsWith(".zip") ? path.replace(/\.zip$/, "") : undefined);
    window = await desk.open({ secretDoor: new SecretDoor({ ask, originOf }) });
  });
  afterEach(() => desk.clear());

  const secret = (name = "notes.txt") => {
    const bytes = Buffer.from(`Dear diary,\n${KEY}`);
    desk.witness.expectFile(name, bytes);
    return desk.files.file(name, bytes);
  };
  const uploads = () => desk.sandbox.requests.filter(({ step }) => step === "create").length;
  const files = (id: string) => window.store.get(id).attachments.map(({ name }) => name);
  const ready = (id: string) =>
    window.until(id, ({ attachments }) => attachments.every(({ status }) => status === "ready"));

  for (const [way, enter] of [
    ["begins a mail", async (path: string) => void (await window.runner.compose([path], "account"))],
    [
      "is attached",
      async (path: string) => {
        const id = await compose(window);
        assert.deepEqual(await window.runner.attach(id, [path]), []);
        assert.deepEqual(files(id), []);
      },
    ],
    [
      "is attached to an event",
      async (path: string) => {
        const event: EventRef = { id: "event", subject: "Review", startsAt: Date.now() };
        const { deliveryId } = await window.runner.attachToEvent([path], "account", event);
        assert.equal(deliveryId, undefined);
      },
    ],
    [
      "takes another's place",
      async (path: string) => {
        const id = await compose(window, await desk.file("build.bin"));
        await ready(id);
        const [old] = window.store.get(id).attachments;
        await window.runner.replace(id, old?.id ?? "", path);
        assert.deepEqual(files(id), ["build.bin"]);
      },
    ],
  ] as const)
    it(`is asked about when it ${way}, and stays here`, async () => {
      await enter(await secret());
      assert.deepEqual(asked, [
        { found: [{ name: "notes.txt", what: "a private key, line 2" }], hasOthers: false },
      ]);
      assert.equal(uploads(), way === "takes another's place" ? 1 : 0);
    });

  it("goes when the person says so, and is left out of others when that is wanted", async () => {
    answer = "attach";
    const id = await compose(window, await secret());
    await ready(id);
    answer = "leaveOut";
    await window.runner.attach(id, [await secret("b.txt"), await desk.file("build.bin")]);
    assert.deepEqual(files(id), ["notes.txt", "build.bin"]);
    assert.deepEqual(
      asked.map(({ hasOthers }) => hasOthers),
      [false, true],
    );
    await ready(id);
  });

  it("passes no door that nobody is at", async () => {
    const other = await desk.open();
    const { deliveryId } = await other.runner.compose([await secret()], "account");
    assert.equal(deliveryId, undefined);
    assert.equal(uploads(), 0);
  });

  it("is asked about as its new version, also where the old one held nothing", async () => {
    const path = await desk.files.file("notes.txt", "Dear diary,\n");
    const id = await compose(window, path);
    await ready(id);
    const [file] = window.store.get(id).attachments;
    await writeFile(path, `Dear diary,\n${KEY}`);
    await window.runner.uploadNewVersion(id, file?.id ?? "");
    assert.deepEqual(asked.length, 1);
    assert.equal(uploads(), 1);
    answer = "attach";
    await window.runner.uploadNewVersion(id, file?.id ?? "");
    await window.until(id, ({ attachments: [now] }) => now?.size !== file?.size && now?.status === "ready");
    assert.equal(uploads(), 2);
  });

  it("is not uploaded when it became one after it was attached, until the person says so", async () => {
    const path = await desk.files.file("notes.txt", "Dear diary,\n");
    const { deliveryId: id = "" } = await window.runner.compose([path], null);
    await writeFile(path, `Dear diary,\n${KEY}`);
    await window.runner.chooseAccount(id, "account");
    const failed = await window.until(id, ({ attachments }) => attachments[0]?.status === "failed");
    const [file] = failed?.attachments ?? [];
    assert.equal(file?.error?.code, "file-secret");
    assert.equal(
      file?.error?.message,
      "“notes.txt” has changed and now looks like a secret: a private key, line 2. This version was not uploaded.",
    );
    assert.equal(file?.error?.remedy, "uploadNewVersion");
    assert.equal(uploads(), 0);
    answer = "attach";
    await window.runner.uploadNewVersion(id, file?.id ?? "");
    await ready(id);
  });

  it("is what a zip was packed of, which is not asked about twice", async () => {
    answer = "attach";
    const path = await secret("big.txt");
    const id = await compose(window, path);
    await ready(id);
    const [old] = window.store.get(id).attachments;
    const zip = await desk.files.file("big.txt.zip", "PK");
    await window.runner.replace(id, old?.id ?? "", zip);
    assert.equal(asked.length, 1);
    await window.runner.attach(await compose(window), [zip]);
    assert.deepEqual(asked[1]?.found, [{ name: "big.txt", what: "a private key, line 2" }]);
  });

  describe("and is named by the text as an image", () => {
    const begin = (text: string) =>
      window.runner.compose([], "account", async () => ({
        ...{ body: text, format: "markdown" as const, fillsIn: false },
        imageFolders: { root: desk.files.path, folder: desk.files.path },
      }));
    const refusal = async (text: string) => {
      const { deliveryId = "" } = await begin(text);
      const form = { ...window.store.get(deliveryId).form, revision: 9, to: "reader@example.com" };
      const problem = await window.runner.send(deliveryId, form);
      assert.equal(window.store.get(deliveryId).attachments.length, 0);
      return problem?.message;
    };

    it("is refused when it is not an image, whatever it is called", async () => {
      await desk.files.file("chart.png", KEY);
      assert.equal(
        await refusal("![](chart.png)"),
        "“chart.png” is not an image, despite its name. It was not attached.",
      );
      assert.equal(uploads(), 0);
      assert.equal(asked.length, 0);
    });

    it("is refused when it is an image that holds a key", async () => {
      await desk.files.file("chart.png", Buffer.concat([sampleOf("a.png", 64), Buffer.from(`\n${KEY}`)]));
      assert.match(
        (await refusal("![](chart.png)")) ?? "",
        /^“chart\.png” looks like a secret: a private key/,
      );
      assert.equal(uploads(), 0);
    });

    it("goes as the kind of image that it is", async () => {
      await writeFile(join(desk.files.path, "chart.png"), sampleOf("a.jpg", 5_000));
      const { deliveryId: id = "" } = await begin("![](chart.png)");
      await window.until(id, ({ attachments }) => attachments[0]?.status === "ready");
      assert.equal(window.store.get(id).attachments[0]?.contentType, "image/jpeg");
    });
  });

  it("can be sent, as any other", async () => {
    answer = "attach";
    const id = await compose(window, await secret());
    await pressSend(window, id);
    await window.until(id, ({ phase }) => phase === "sent");
  });
});
