import assert from "node:assert/strict";
import type { DeliveryRecord } from "../../src/delivery/record/delivery.ts";
import { compose, Desk } from "../support/desk.ts";
import { google, graph, nylas } from "../support/doors.ts";
import type { Window } from "../support/window.ts";

type Purpose = DeliveryRecord["purpose"];

/** A log as people paste one: 400 kB as typed, 800 kB as HTML. */
const table = [
  "| time | level | worker | ms | note |",
  "|---|---|---|---|---|",
  ...Array.from({ length: 10_600 }, (_, i) => `| 12:00:${i} | info | w${i % 8} | ${i % 977} | ok |`),
].join("\n");

const brackets = "<>&'".repeat(300_000);

const texts = [
  ["most", "a Markdown table of 400 kB", "markdown", table],
  ["least", "200 kB with 100,500 commas", "text", "a,".repeat(100_500)],
  ["least", "2.2 MB of plain text", "text", "lorem ipsum ".repeat(190_000)],
  ["most", "1.2 MB of angle brackets", "text", brackets],
  ["most", "400,000 letters that are not ASCII", "text", "ж".repeat(400_000)],
] as const;

for (const door of [nylas, google, graph])
  describe(`A long text through ${door.name}`, () => {
    let desk: Desk;
    let window: Window;
    beforeEach(async () => {
      desk = await Desk.set(door);
      window = await desk.open();
    });
    afterEach(() => desk.clear());

    const isOver = ({ phase }: DeliveryRecord) => !["composing", "waiting", "sending"].includes(phase);
    const leave = async (body: string, format: "markdown" | "text", purpose?: Purpose) => {
      const id = await compose(window, await desk.file("build.bin", 50_000));
      const { form } = window.store.get(id);
      const change = { to: "reader@example.com", subject: `Long (${id})`, body, format };
      const problem = await window.runner.send(
        id,
        { ...form, ...change, revision: form.revision + 1 },
        ...(purpose === undefined ? [] : [purpose]),
      );
      assert.equal(problem, undefined);
      const record = await window.until(id, isOver);
      assert.ok(record);
      return record;
    };
    const switchTo = (escapes: "least" | "most") => {
      desk.sandbox.nylas.behaviour.escapes = escapes;
      desk.sandbox.graph.behaviour.escapes = escapes;
    };

    for (const [escapes, what, format, body] of texts)
      it(`is sent once and known to be: ${what}, repeated with ${escapes} escapes`, async () => {
        switchTo(escapes);
        const { phase, error, messageId } = await leave(body, format);
        assert.equal(phase, "sent", error?.message);
        assert.ok(messageId);
        assert.equal(desk.sandbox.deliveries, 1);
        assert.equal(desk.sandbox.requests.filter(({ step }) => step === "send").length, 1);
      });

    if (door !== google)
      it("is refused before it leaves when no such request is taken, and says what would be", async () => {
        const { phase, error } = await leave("ж".repeat(2_100_000), "text");
        assert.deepEqual([phase, error?.code], ["failed", "message-too-large"]);
        assert.match(
          error?.message ?? "",
          /^The text of the mail is .* with its formatting; \w+ accepts at most .*\./,
        );
        assert.equal(desk.sandbox.requests.filter(({ step }) => step === "send").length, 0);
      });

    it("is saved as a draft", async () => {
      switchTo("most");
      const { phase, error } = await leave(brackets, "text", { type: "draft" });
      assert.equal(phase, "saved", error?.message);
    });

    it("is kept until its time", async () => {
      switchTo("most");
      const at = Date.now() + 30 * 60_000;
      const { phase, error } = await leave(brackets, "text", { type: "later", at });
      assert.equal(phase, "scheduled", error?.message);
    });

    if (door === graph) {
      for (const minimalAnswer of ["204", "200"] as const)
        it(`is not repeated where Microsoft can leave it out with ${minimalAnswer}`, async () => {
          desk.sandbox.graph.behaviour.minimalAnswer = minimalAnswer;
          const { phase, error } = await leave(brackets, "text");
          assert.equal(phase, "sent", error?.message);
          assert.equal(desk.sandbox.deliveries, 1);
        });
    } else
      it("need not be repeated by the service", async () => {
        desk.sandbox.nylas.behaviour.echo = "none";
        assert.equal((await leave(brackets, "text")).phase, "sent");
      });
  });
