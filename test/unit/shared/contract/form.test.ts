import assert from "node:assert/strict";
import fc from "fast-check";
import { changed, changeOf, type Form, FormChange } from "../../../../src/shared/contract/form.ts";
import { FromPanel } from "../../../../src/shared/contract/messages.ts";
import { emptyForm } from "../../../support/records.ts";

const form = (change: Partial<Form>): Form => ({ ...emptyForm, revision: 7, ...change });

describe("What has changed in a form", () => {
  const bytes = (intent: unknown) => Buffer.byteLength(JSON.stringify(FromPanel.parse(intent)));

  it("is as small for a key in a long text as in a short one", () => {
    const keys = [0, 50_000, 1_000_000].map((length) => {
      const half = "x".repeat(length / 2);
      const change = changeOf(form({ revision: 8, body: `${half}q${half}` }), form({ body: half + half }));
      return bytes({ type: "typed", change });
    });
    assert.ok(
      keys.every((size) => size < 150),
      keys.join(),
    );
  });

  it("leaves out the fields that are the same", () => {
    const before = form({ to: "ann@x.example", body: "Once upon a midnight" });
    const after = form({ ...before, revision: 8, body: "Once upon midnight", format: "markdown" });
    assert.deepEqual(changeOf(after, before), {
      since: 7,
      revision: 8,
      texts: { body: { at: 10, removed: 2, text: "" } },
      format: "markdown",
    });
  });

  it("keeps characters of two units whole", () => {
    const splice = (before: string, after: string) =>
      changeOf(form({ body: after }), form({ body: before })).texts.body;
    assert.deepEqual(splice("a😀b", "a😁b"), { at: 1, removed: 2, text: "😁" });
    assert.deepEqual(splice("a\u{1f600}b", "a\u{1fa00}b"), { at: 1, removed: 2, text: "\u{1fa00}" });
  });

  // Few letters, so that pieces are found again in many places.
  const text = fc.string({ unit: fc.constantFrom("a", "b", "\n", "😀", "\ud83d", "\ude00"), maxLength: 12 });
  const anyForm = (revision: number) =>
    fc.record({
      ...{ revision: fc.constant(revision), to: text, cc: text, bcc: text, replyTo: text, headers: text },
      ...{ subject: text, body: text, format: fc.constantFrom("text" as const, "markdown" as const) },
    });

  it("leads to the form again, whatever was typed", () =>
    fc.assert(
      fc.property(anyForm(7), anyForm(8), (before, after) => {
        const change = FormChange.parse(JSON.parse(JSON.stringify(changeOf(after, before))));
        assert.deepEqual(changed(before, change), { ...after });
      }),
      { numRuns: 1_000 },
    ));

  for (const [what, change] of [
    ["made from another form", { since: 6, revision: 8, texts: {} }],
    ["of more than there is", { since: 7, revision: 8, texts: { body: { at: 2, removed: 2, text: "" } } }],
    [
      "that makes a field too long",
      { since: 7, revision: 8, texts: { subject: { at: 0, removed: 0, text: "x".repeat(10_001) } } },
    ],
  ] as const)
    it(`leads nowhere when it is one ${what}`, () =>
      assert.equal(changed(form({ body: "abc" }), FormChange.parse(change)), undefined));
});
