/**
 * Each way in which a real service may answer that the sandbox does not usually take, one after the other, and how a mail
 * ends there: sent once, or with a sentence that says what to do.
 */
import assert from "node:assert/strict";
import type { DeliveryRecord } from "../../src/delivery/record/delivery.ts";
import { HttpLine } from "../../src/net/http.ts";
import type { GraphBehaviour } from "../../src/sandbox/graph/graphBehaviour.ts";
import type { Fault } from "../../src/sandbox/http/faultRules.ts";
import type { Sandbox } from "../../src/sandbox/server.ts";
import { compose, Desk, isSettled, pressSend } from "../support/desk.ts";
import { type Door, graph } from "../support/doors.ts";
import type { Window } from "../support/window.ts";
import { callGraph, immutable } from "./graphSupport.ts";

/** Of two ranges, and of one request. */
const [large, small] = [4_500_003, 1_000_003];

interface Shape {
  readonly title: string;
  readonly door: Door;
  /** Bytes of the file. */
  readonly size?: number;
  readonly graph?: Partial<GraphBehaviour>;
  readonly faults?: readonly Fault[];
  /** "sent", or what the person reads. */
  readonly ends: "sent" | RegExp;
  /** With which button the sentence comes. */
  readonly remedy?: string;
}

function problemOf({ error, attachments }: DeliveryRecord) {
  return error ?? attachments.find((attachment) => attachment.error !== null)?.error ?? null;
}

/** Sends a mail with one file, and sees how it ends. */
async function play(desk: Desk, shape: Shape): Promise<Window> {
  Object.assign(desk.sandbox.graph.behaviour, shape.graph);
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
    assert.equal(problem?.remedy, shape.remedy);
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
        ends: /^Microsoft does not let the account send the mail: Account suspended\. Follow .* to verify your account\.$/,
        remedy: "retry",
      },
      {
        ...at,
        title: "submission is blocked",
        graph: { maySend: "blocked" },
        ends: /^Microsoft does not let the account send the mail: Cannot send mail\./,
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
