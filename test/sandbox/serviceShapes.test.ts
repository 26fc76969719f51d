/**
 * Each way in which a real service may answer that the sandbox does not usually take, one after the other, and how a mail
 * ends there: sent once, or with a sentence that says what to do.
 */
import assert from "node:assert/strict";
import type { DeliveryRecord } from "../../src/delivery/record/delivery.ts";
import { panelSnapshot } from "../../src/delivery/words/describe.ts";
import { headline } from "../../src/delivery/words/headline.ts";
import { HttpLine } from "../../src/net/http.ts";
import type { GraphBehaviour } from "../../src/sandbox/graph/graphBehaviour.ts";
import type { Fault } from "../../src/sandbox/http/faultRules.ts";
import type { NylasBehaviour } from "../../src/sandbox/nylas/nylasBehaviour.ts";
import type { Sandbox } from "../../src/sandbox/server.ts";
import type { StorageBehaviour } from "../../src/sandbox/storage/storage.ts";
import { NylasSessions } from "../../src/services/nylas/nylasSessions.ts";
import { compose, Desk, Hold, isSettled, pressSend } from "../support/desk.ts";
import { type Door, google, graph, nylas } from "../support/doors.ts";
import type { Window } from "../support/window.ts";
import { callGraph, immutable } from "./graphSupport.ts";
import { MiB } from "./support.ts";

/** Of two ranges, and of one request. */
const [large, small] = [4_500_003, 1_000_003];

interface Shape {
  readonly title: string;
  readonly door: Door;
  /** Bytes of the file. */
  readonly size?: number;
  readonly graph?: Partial<GraphBehaviour>;
  readonly nylas?: Partial<NylasBehaviour>;
  readonly storage?: Partial<StorageBehaviour>;
  readonly faults?: readonly Fault[];
  /** "sent", or what the person reads. */
  readonly ends: "sent" | RegExp;
  /** With which button the sentence comes. */
  readonly remedy?: string | undefined;
}

function problemOf({ error, attachments }: DeliveryRecord) {
  return error ?? attachments.find((attachment) => attachment.error !== null)?.error ?? null;
}

/** Sends a mail with one file, and sees how it ends. */
async function play(desk: Desk, shape: Shape): Promise<Window> {
  Object.assign(desk.sandbox.graph.behaviour, shape.graph);
  Object.assign(desk.sandbox.nylas.behaviour, shape.nylas);
  Object.assign(desk.sandbox.storage, shape.storage);
  desk.sandbox.faults.arm(...(shape.faults ?? []));
  const window = await desk.open();
  const id = await compose(window, await desk.file("build.bin", shape.size ?? small));
  await pressSend(window, id);
  const delivery = await window.until(id, isSettled);
  assert.ok(delivery);
  const problem = problemOf(delivery);
  if (shape.ends === "sent") {
    assert.equal(delivery.phase, "sent", JSON.stringify(problem));
    assert.equal(desk.sandbox.deliveries, 1);
  } else {
    assert.match(problem?.message ?? "", shape.ends);
    assert.equal(problem?.remedy, shape.remedy ?? null);
    assert.equal(desk.sandbox.deliveries, 0);
  }
  assert.deepEqual(desk.sandbox.faults.unmet, []);
  return window;
}

const uploadsOf = ({ requests }: Sandbox) => requests.filter(({ step }) => step === "create").length;

describe("Shapes of the real services", () => {
  let desk: Desk;
  const line = new HttpLine();
  after(() => line.dispose());
  afterEach(() => desk.clear());

  const shapes = (row: string, ...all: readonly Shape[]) => {
    for (const shape of all)
      it(`${row}: ${shape.title} → ${shape.ends}`, async () => {
        desk = await Desk.set(shape.door);
        await play(desk, shape);
      });
  };

  for (const [door, tooLargeEnds] of [
    [nylas, /^The mail is larger than the mailbox can send: 35 MB, unless an administrator allows more/],
    [google, /^The mail is larger than the limit for Google mailboxes\.$/],
  ] as const)
    describe(`at ${door.name}`, () => {
      const at = { door, ends: "sent" } as const;
      for (const tooLarge of ["flat", "nested", "text"] as const)
        for (const tooLargeStatus of [400, 500] as const)
          shapes(
            "row 6",
            {
              ...at,
              title: `too large: ${tooLarge}, ${tooLargeStatus}`,
              nylas: { tooLarge, tooLargeStatus, messageMaxBytes: 1000 },
              ends: tooLargeEnds,
              remedy: door === nylas ? "copyAdminCommand" : undefined,
            },
            {
              ...at,
              title: `too large: ${tooLarge}, ${tooLargeStatus}, heard with the second try only`,
              nylas: { tooLarge, tooLargeStatus, messageMaxBytes: 1000 },
              faults: [{ step: "send", fault: "dropReplyAfterCommit" }],
              ends: tooLargeEnds,
              remedy: door === nylas ? "copyAdminCommand" : undefined,
            },
          );
      shapes(
        "row 7",
        {
          ...at,
          title: "the mailbox's sign-in has ended, and the grant does not say so yet",
          nylas: { signInEnded: "unnoticed" },
          ends: /^Nylas can no longer access the mailbox, or no longer accepts the account's key\. Reconnect the mailbox/,
          remedy: "checkAccount",
        },
        {
          ...at,
          title: "the mailbox's sign-in has ended, and the grant says so",
          nylas: { signInEnded: "noticed" },
          ends: /has to be reconnected to Nylas: its sign-in has expired\.$/,
          remedy: "checkAccount",
        },
      );
      const refuse = { step: "send", fault: "refuse", by: "service" } as const;
      shapes(
        "row 14",
        {
          ...at,
          title: "504, some have it",
          faults: [{ ...refuse, status: 504, type: "api.partial_success_error" }],
          ends: /^The mail provider refused the mail or a recipient .* Other recipients may already have it:/,
        },
        {
          ...at,
          title: "423, blocked",
          faults: [{ ...refuse, status: 423, type: "api.resource_blocked" }],
          ends: /^Nylas has blocked this mailbox or its application\. Ask your Nylas administrator\.$/,
          remedy: "checkAccount",
        },
        {
          ...at,
          title: "the connector's secret has expired",
          faults: [{ ...refuse, status: 400, type: "invalid_client" }],
          ends: /the secret of its connector has expired\. Ask your Nylas administrator to renew it\.$/,
          remedy: "checkAccount",
        },
      );
    });

  const waits = [
    [nylas, ["create", "upload", "complete", "send"]],
    [google, ["send"]],
    [graph, ["draft", "create", "upload", "send"]],
  ] as const;
  for (const [door, steps] of waits)
    for (const step of steps)
      for (const status of [429, 503] as const) {
        // A mail that may be out is not kept in doubt for long.
        if (step === "send" && status === 503) continue;
        it(`row 12: ${door.name}, Retry-After of 20 minutes to ${step}, ${status}, ten times → sent`, async () => {
          desk = await Desk.set(door);
          const faults = [{ step, fault: "refuse", status, retryAfter: 1200, times: 10 }] as const;
          const window = await play(desk, { title: "", door, size: large, faults, ends: "sent" });
          assert.equal(window.waits.filter((ms) => ms === 1_200_000).length, 10);
        });
      }
  it("row 12: a mail that waits can be stopped, and sent later", async () => {
    desk = await Desk.set(nylas);
    const wait = new Hold();
    desk.sandbox.faults.arm({ step: "send", fault: "refuse", status: 429, retryAfter: 1200 });
    const window = await desk.open(wait.options);
    const id = await compose(window, await desk.file());
    await pressSend(window, id);
    await window.until(id, ({ sendWait }) => sendWait !== undefined);
    assert.match(
      headline(window.store.get(id), Date.now()),
      /^Not sent yet: waits until .*\d\d:\d\d: the service/,
    );
    await window.runner.withdraw(id);
    const stopped = await window.until(id, ({ phase }) => phase === "composing");
    assert.deepEqual([stopped?.phase, desk.sandbox.deliveries], ["composing", 0]);
    wait.release();
    await pressSend(window, id);
    await window.until(id, ({ phase }) => phase === "sent");
    assert.equal(desk.sandbox.deliveries, 1);
  });

  it("row 12: a mail whose draft is opened only at Send says that it waits, and can be stopped", async () => {
    desk = await Desk.set(graph);
    const wait = new Hold();
    desk.sandbox.faults.arm({ step: "draft", fault: "refuse", status: 429, retryAfter: 1200 });
    const window = await desk.open(wait.options);
    // Without files there was no need for one before.
    const id = await compose(window);
    await pressSend(window, id);
    await window.until(id, ({ sendWait }) => sendWait !== undefined);
    const words = () => headline(window.store.get(id), Date.now());
    assert.match(words(), /^Not sent yet: waits until .*\d\d:\d\d: the service/);
    await window.runner.withdraw(id);
    assert.equal((await window.until(id, ({ phase }) => phase === "composing"))?.phase, "composing");
    assert.equal(words(), "");
    wait.release();
    await pressSend(window, id);
    await window.until(id, ({ phase }) => phase === "sent");
    assert.equal(desk.sandbox.deliveries, 1);
  });

  describe("at Nylas's uploads and Google's storage", () => {
    const at = { door: nylas, ends: "sent", size: large } as const;
    it("row 9: an account that was added by its address → sent", async () => {
      desk = await Desk.set({
        ...nylas,
        service: ({ nylas: { apiUri, apiKey, grants } }, http, monotonicNow) =>
          new NylasSessions({ apiUri, credential: apiKey }, grants[0]?.email ?? "", http, monotonicNow),
      });
      await play(desk, { ...at, title: "" });
    });
    shapes("row 10", { ...at, title: "a session with 200", nylas: { createStatus: 200 } });
    for (const createStatus of [403, 404] as const) {
      for (const size of [small, large])
        it(`row 10: ${createStatus} to a request for a session, ${size} bytes → sent in the mail itself`, async () => {
          desk = await Desk.set(nylas);
          const window = await play(desk, { ...at, title: "", size, nylas: { createStatus } });
          const [delivery] = window.store.list();
          assert.ok(delivery);
          const around = { accounts: [], notice: null, now: Date.now() };
          assert.deepEqual(panelSnapshot(delivery, around).method, {
            label: "In the message",
            reason: "Nylas opens no upload session",
          });
        });
      shapes("row 10", {
        ...at,
        title: `${createStatus}, and the mail is too large`,
        size: 26 * MiB,
        nylas: { createStatus },
        ends: /^Nylas opens no upload sessions for this mailbox \(status 40[34]\), and the mail is larger than the 25 MB that can go in the mail itself\. Nylas says: (attachment uploads are not enabled|no such endpoint)\. Remove files/,
        remedy: "retry",
      });
    }
    shapes("row 10", {
      ...at,
      title: "a page of an older gateway",
      faults: [{ step: "create", fault: "refuse", status: 404, body: "html" }],
    });
    it("row 10: files that do not fit together wait for a decision, and go when one is removed", async () => {
      desk = await Desk.set(nylas);
      desk.sandbox.nylas.behaviour.createStatus = 404;
      const window = await desk.open();
      const id = await compose(
        window,
        await desk.file("a.bin", 14 * MiB, 1),
        await desk.file("b.bin", 14 * MiB, 2),
      );
      await pressSend(window, id);
      await window.until(id, isSettled);
      const [first, second] = window.store.get(id).attachments;
      assert.deepEqual([first?.status, second?.status], ["failed", "failed"]);
      await window.runner.detach(id, second?.id ?? "");
      await window.runner.resume(id, first?.id ?? "");
      const sent = await window.until(id, ({ phase }) => phase === "sent" || phase === "failed");
      assert.deepEqual([sent?.phase, sent?.inMail, desk.sandbox.deliveries], ["sent", "refused", 1]);
    });
    it("row 10: what was too much for the mail is said when a file is added to it", async () => {
      desk = await Desk.set(nylas);
      desk.sandbox.nylas.behaviour.createStatus = 404;
      const window = await desk.open();
      const id = await compose(window, await desk.file("a.bin", 14 * MiB, 1));
      await window.until(id, ({ attachments }) => attachments.every(({ status }) => status === "ready"));
      await window.runner.attach(id, [await desk.file("b.bin", 14 * MiB, 2)]);
      await pressSend(window, id);
      const failed = await window.until(id, isSettled);
      assert.match(
        failed?.error?.message ?? "",
        /^The mail is 28 MB .* without upload sessions Nylas takes 25 MB/,
      );
    });
    shapes("row 11", { ...at, title: "an address with a signature", storage: { signedUris: true } });
    for (const lastAnswer of ["header", "crc32c"] as const)
      shapes(
        "row 13",
        { ...at, title: `an empty last answer, ${lastAnswer}`, storage: { lastAnswer } },
        {
          ...at,
          title: `an empty last answer, ${lastAnswer}, whose hash is another one's`,
          storage: { lastAnswer },
          faults: [{ step: "upload", fault: "corruptBytes", times: 3 }],
          ends: /^What the storage received is not what the file contains\./,
          remedy: "retry",
        },
      );
  });

  describe("at Microsoft Graph", () => {
    const at = { door: graph, ends: "sent" } as const;
    for (const locationId of ["asked", "ordinary"] as const)
      it(`row 1: Location names the ${locationId} id → sent with one upload`, async () => {
        desk = await Desk.set(graph);
        await play(desk, { ...at, title: "", size: large, graph: { locationId } });
        assert.equal(uploadsOf(desk.sandbox), 1);
      });

    for (const propertyFilter of ["honoured", "refused"] as const)
      for (const headersTold of ["selected", "never"] as const)
        shapes("row 2", {
          ...at,
          title: `the draft's answer is lost; filters ${propertyFilter}, headers ${headersTold}`,
          graph: { propertyFilter, headersTold },
          faults: [{ step: "draft", fault: "dropReplyAfterCommit" }],
        });
    it("row 2: no second draft is left, and no recipient sees the mark", async () => {
      desk = await Desk.set(graph);
      await play(desk, {
        ...at,
        title: "",
        faults: [{ step: "draft", fault: "dropReplyAfterCommit" }],
      });
      const { json } = await callGraph(desk.sandbox, "GET", "/me/mailFolders/drafts/messages");
      assert.deepEqual(json.value, []);
      assert.doesNotMatch(JSON.stringify(desk.sandbox.mails), /freight-mail-delivery|FreightMailDelivery/i);
    });
    it("row 2: a draft that an earlier version has opened is found by its header", async () => {
      desk = await Desk.set(graph);
      const { sandbox } = desk;
      sandbox.graph.behaviour.headersTold = "selected";
      const internetMessageHeaders = [{ name: "x-freight-mail-delivery", value: "mail-1" }];
      const made = await callGraph(sandbox, "POST", "/me/messages", { internetMessageHeaders }, immutable);
      const { drafts } = graph.service(sandbox, line, () => performance.now());
      const { signal } = new AbortController();
      assert.equal((await drafts?.open("mail-1", true, signal))?.id, made.json.id);
      assert.equal(await drafts?.discardMarked("mail-1", null, signal), 1);
    });

    for (const conflicts of ["409", "412"] as const)
      for (const size of [small, large])
        shapes("row 3", {
          ...at,
          title: `${conflicts} after each quick change, ${size} bytes`,
          size,
          graph: { conflicts },
        });
    shapes("row 3", {
      ...at,
      title: "409 although the mail is out",
      faults: [
        {
          step: "send",
          fault: "refuse",
          status: 409,
          type: "ErrorIrresolvableConflict",
          by: "service",
          afterCommit: true,
        },
      ],
    });

    shapes(
      "row 4",
      {
        ...at,
        title: "the account is suspended",
        graph: { maySend: "suspended" },
        ends: /^Microsoft refused to send the mail\. The answer was: Account suspended\. Follow .* to verify your account\.$/,
        remedy: "retry",
      },
      {
        ...at,
        title: "submission is blocked",
        graph: { maySend: "blocked" },
        ends: /^Microsoft refused to send the mail\. The answer was: Cannot send mail\./,
        remedy: "retry",
      },
      {
        ...at,
        title: "a mail flow rule",
        graph: { maySend: "rule" },
        ends: /mail flow rule 'No files to partners'\.$/,
        remedy: "retry",
      },
    );

    shapes("row 5", {
      ...at,
      title: "an account without a mailbox",
      graph: { mailbox: "none" },
      ends: /^This account has no mailbox at Exchange Online: .* Choose another account\.$/,
      remedy: "addAccount",
    });
    it("row 5: an account without a mailbox is not added", async () => {
      desk = await Desk.set(graph);
      const { sandbox } = desk;
      sandbox.graph.behaviour.mailbox = "none";
      const service = graph.service(sandbox, line, () => performance.now());
      await assert.rejects(service.check(new AbortController().signal), {
        code: "provider-unsupported",
        remedy: "addAccount",
      });
    });
  });
});
