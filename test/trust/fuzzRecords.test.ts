import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { AccountBook } from "../../src/accounts/accountBook.ts";
import { FreightError } from "../../src/base/errors.ts";
import { RareWarning } from "../../src/base/log.ts";
import { Delivery } from "../../src/delivery/record/delivery.ts";
import { FileJournal } from "../../src/delivery/store/disk/journal.ts";
import { DeliveryStore } from "../../src/delivery/store/store.ts";
import { panelSnapshot } from "../../src/delivery/words/describe.ts";
import { findProxy, readProxy } from "../../src/net/connect/proxyRules.ts";
import { UploadTarget } from "../../src/services/mailService.ts";
import { Announcement } from "../../src/services/practice.ts";
import { PanelState } from "../../src/shared/contract/form.ts";
import { FromPanel, ToPanel } from "../../src/shared/contract/messages.ts";
import { offers } from "../../src/shared/contract/offers.ts";
import { Remedy } from "../../src/shared/contract/snapshot.ts";
import { readNetworkSettings, SETTINGS } from "../../src/ui/editor/settingSchemas.ts";
import { MemorySecrets } from "../support/engine.ts";
import { MemoryLog, MemoryMemento } from "../support/memory.ts";
import { attachment, delivery, emptyForm, now } from "../support/records.ts";
import { spoiled, tried } from "./hostileJson.ts";

const RUNS = 3_000;

/** Reads texts that were something once; each must be taken as what it is declared to be, or not at all. */
function everyText(sample: unknown, read: (value: unknown) => void, what: string): void {
  let count = 0;
  const text = fc.oneof(
    { weight: 4, arbitrary: spoiled(sample) },
    { weight: 1, arbitrary: fc.json({ maxDepth: 4 }) },
  );
  fc.assert(
    fc.property(text, (given) => {
      count++;
      let value: unknown;
      try {
        value = JSON.parse(given);
      } catch {
        return; // No JSON: what is read from disk or from a page is some.
      }
      read(value);
    }),
    { numRuns: RUNS },
  );
  tried(count, what);
}

const account = {
  id: "a",
  service: "nylas",
  serviceName: "Nylas",
  email: "a@example.com",
  provider: "microsoft",
  apiUri: "https://api.us.nylas.com",
  grantId: "g",
  hasCalendar: false,
  credentialExpiresAt: 1,
};

describe("Whatever was written somewhere", () => {
  it("as a record of a mail, it is shown or set aside", () => {
    const snapshotOf = (value: unknown) => {
      const parsed = Delivery.safeParse(value);
      if (!parsed.success) return;
      assert.match(parsed.data.id, /^[\w-]+$/);
      const snapshot = panelSnapshot(parsed.data, { accounts: [], notice: null, now });
      assert.ok(ToPanel.safeParse({ type: "snapshot", snapshot }).success);
    };
    everyText(JSON.parse(JSON.stringify(delivery({ attachments: [attachment()] }))), snapshotOf, "records");
  });

  it("into the folder of the records, the store starts with the others", async () => {
    const folder = await mkdtemp(join(tmpdir(), "freight-trust-"));
    try {
      const texts = fc.sample(spoiled(JSON.parse(JSON.stringify(delivery()))), 400);
      await Promise.all(texts.map((text, i) => writeFile(join(folder, `h${i}.json`), text)));
      const good = delivery({ id: "good" });
      await writeFile(join(folder, "good.json"), JSON.stringify(good));
      await writeFile(
        join(folder, "<img src=x onerror=alert(1)>.json"),
        JSON.stringify({ ...good, id: "x" }),
      );
      const log = new MemoryLog();
      const store = new DeliveryStore({
        journal: new FileJournal(folder),
        secrets: new MemorySecrets(),
        log,
      });
      await store.load();
      assert.deepEqual(
        store.list().map(({ id }) => id),
        ["good"],
      );
      tried(texts.length, "files of records");
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("as the book of accounts, those that can be read are there, and a new one can be added", async () => {
    let count = 0;
    await fc.assert(
      fc.asyncProperty(spoiled({ accounts: [account], defaultId: "a" }), async (text) => {
        count++;
        const memento = new MemoryMemento();
        try {
          memento.values.set("freightMail.accounts", JSON.parse(text));
        } catch {
          return;
        }
        const book = new AccountBook(memento, new MemorySecrets());
        for (const { id, apiUri } of book.accounts) assert.equal(typeof `${id}${apiUri}`, "string");
        await book.save({ ...account, id: "new" }, "key");
        assert.equal(book.find("new")?.email, account.email);
        assert.ok(book.defaultAccount !== undefined);
      }),
      { numRuns: RUNS },
    );
    tried(count, "books of accounts");
  });

  it("as the place of an upload, it is an address with headers, or none", async () => {
    const secrets = new MemorySecrets();
    const store = new DeliveryStore({ journal: new FileJournal(tmpdir()), secrets, log: new MemoryLog() });
    const sample = { url: "https://storage.example/u?upload_id=U", headers: { a: "b" } };
    const texts = fc.sample(spoiled(sample), RUNS);
    for (const text of [...texts, "", "{", "null"]) {
      secrets.values.set("freightMail.upload.a", text);
      const target = await store.targets.find("a");
      if (target === undefined) continue;
      assert.ok(UploadTarget.safeParse(target).success && URL.canParse(target.url));
    }
    tried(texts.length, "places of uploads");
  });

  it("as the sandbox's announcement, it leads to this machine or nowhere", () => {
    const nylas = {
      apiUri: "http://127.0.0.1:1",
      apiKey: "k",
      clientId: "c",
      grants: [{ id: "g", provider: "p", email: "e" }],
    };
    const isHere = (url: string) => /^http:\/\/(127\.\d+\.\d+\.\d+|localhost|\[::1\])(:\d+)?(\/|$)/.test(url);
    const check = (value: unknown) => {
      const parsed = Announcement.safeParse(value);
      if (parsed.success) assert.ok(isHere(parsed.data.nylas.apiUri) && isHere(parsed.data.outbox));
    };
    everyText({ nylas, outbox: "http://127.0.0.1:1/outbox" }, check, "announcements");
    for (const outbox of ["https://a.example", "file:///etc/passwd", "command:a", "http://a.example", "x"])
      assert.ok(!Announcement.safeParse({ nylas, outbox }).success, outbox);
    assert.ok(Announcement.safeParse({ nylas, outbox: "http://127.0.0.1:1/o" }).success);
  });
});

describe("Whatever goes between panel and host", () => {
  const intents = [
    { type: "edit", form: emptyForm },
    { type: "chooseAccount", accountId: "a" },
    { type: "send", form: emptyForm },
    { type: "attachment", attachmentId: "f", action: "pause" },
    { type: "rename", attachmentId: "f", name: "b.txt" },
    { type: "remedy", remedy: "retry", attachmentId: null },
  ];

  for (const intent of intents)
    it(`like “${intent.type}”, it is that or nothing, and brings nothing along`, () =>
      everyText(
        intent,
        (value) => {
          const parsed = FromPanel.safeParse(value);
          if (!parsed.success) return;
          assert.ok(Object.keys(parsed.data).every((key) => ["type", ...Object.keys(intent)].includes(key)));
          assert.equal(Object.getPrototypeOf(parsed.data), Object.prototype);
          assert.ok(!JSON.stringify(parsed.data).includes("polluted"));
        },
        `messages like “${intent.type}”`,
      ));

  it("of a page that asks for what it was not offered, it is dropped", () => {
    const offered = delivery({ attachments: [attachment({ status: "paused" })] });
    const snapshot = panelSnapshot(offered, { accounts: [{ id: "a", label: "a" }], notice: null, now });
    const may = (intent: unknown) => offers(snapshot, FromPanel.parse(intent));
    const id = "file-1";
    assert.ok(may({ type: "chooseAccount", accountId: "a" }));
    assert.ok(may({ type: "attachment", attachmentId: id, action: "resume" }));
    assert.ok(!may({ type: "attachment", attachmentId: id, action: "pause" }));
    assert.ok(!may({ type: "remedy", remedy: "retry", attachmentId: id }));
    for (const stranger of ["", "b", "__proto__", "constructor", "file-2"]) {
      assert.ok(!may({ type: "chooseAccount", accountId: stranger }));
      assert.ok(!may({ type: "rename", attachmentId: stranger, name: "x" }));
      for (const action of ["tryNow", "pause", "resume", "retry", "keepVersion", "cancel", "remove"])
        assert.ok(!may({ type: "attachment", attachmentId: stranger, action }));
    }
    const drop = { type: "dropUris", uris: ["file:///a"] };
    assert.ok(may(drop));
    assert.ok(!offers({ ...snapshot, editable: false }, FromPanel.parse(drop)));
    for (const remedy of Remedy.options)
      assert.ok(!may({ type: "remedy", remedy, attachmentId: null }), remedy);
  });

  it("to the page, it is a snapshot or nothing", () => {
    const snapshot = panelSnapshot(delivery({ attachments: [attachment()] }), {
      accounts: [],
      notice: null,
      now,
    });
    everyText({ type: "snapshot", snapshot }, (value) => ToPanel.safeParse(value), "snapshots");
  });

  it("in a settings file, it is what the setting may hold, or the default", () => {
    const samples = {
      "body.format": "text",
      notifications: "needed",
      "history.days": 60,
      undoSendSeconds: 5,
    };
    for (const [name, schema] of Object.entries(SETTINGS)) {
      const sample = Object.entries(samples).find(([known]) => known === name)?.[1] ?? "https://x.example";
      everyText(sample, (value) => schema.parse(schema.parse(value)), name);
    }
    const network = {
      proxy: "http://p.example:1",
      noProxy: ["a"],
      proxyAuthorization: "",
      proxyStrictSSL: true,
    };
    everyText(
      network,
      (value) => {
        const bag = new Map(Object.entries(Object(value)));
        const read = readNetworkSettings((name) => bag.get(name));
        const found = findProxy(new URL("https://mail.example/x"), read, {});
        if (typeof found === "string") return;
        try {
          readProxy(found, read.proxyAuthorization);
        } catch (reason) {
          assert.ok(reason instanceof FreightError && reason.is("proxy-unusable"), String(reason));
        }
      },
      "network settings",
    );
  });

  it("after a reload, it is a state or nothing", () =>
    everyText({ deliveryId: "d", form: emptyForm }, (value) => PanelState.safeParse(value), "states"));

  it("thousands of times, it is a few lines in the log that say how often", () => {
    const lines: string[] = [];
    let clock = 0;
    const rare = new RareWarning(
      (line) => lines.push(line),
      10_000,
      () => clock,
    );
    for (let i = 0; i < 50_000; i++) {
      clock += 1;
      rare.note("Dropped.");
    }
    rare.say("Dropped.");
    assert.equal(lines.length, 6);
    const times = lines.map((line) => Number(/\((\d+) times\)/.exec(line)?.[1] ?? 1));
    assert.equal(
      times.reduce((sum, n) => sum + n, 0),
      50_000,
    );
  });
});
