import assert from "node:assert/strict";
import fc from "fast-check";
import { panelSnapshot } from "../../../../src/delivery/words/describe.ts";
import { PanelState } from "../../../../src/shared/contract/form.ts";
import {
  DROP_CHUNK_BYTES,
  FromPanel,
  MAX_DROPPED,
  MAX_PEOPLE,
  ToPanel,
} from "../../../../src/shared/contract/messages.ts";
import { AttachmentAction, PanelSnapshot } from "../../../../src/shared/contract/snapshot.ts";
import { delivery, emptyForm, now } from "../../../support/records.ts";

describe("The contract with the panel", () => {
  for (const message of [
    { type: "ready" },
    { type: "edit", form: emptyForm },
    { type: "typed", change: { since: 1, revision: 2, texts: { to: { at: 0, removed: 0, text: "a" } } } },
    { type: "chooseAccount", accountId: "a" },
    { type: "addAccount" },
    { type: "addFiles" },
    { type: "dropUris", uris: ["file:///a.bin"] },
    { type: "dropBegin", id: "a", name: "a.bin", size: 3, waiting: 2 },
    { type: "dropChunk", id: "a", offset: 0, bytes: new Uint8Array(3) },
    { type: "dropCancel", id: "a" },
    { type: "peopleWanted" },
    { type: "send", form: emptyForm },
    { type: "saveDraft", form: emptyForm },
    { type: "sendLater", form: emptyForm },
    { type: "withdraw" },
    { type: "cancelScheduled" },
    { type: "showPreview", shown: true },
    { type: "attachment", attachmentId: "f", action: "pause" },
    { type: "rename", attachmentId: "f", name: "b.txt" },
    { type: "remedy", remedy: "retry", attachmentId: null },
  ])
    it(`takes the intent “${message.type}”`, () => assert.deepEqual(FromPanel.parse(message), message));

  it("reads a form that is older than the choice of a format: it was plain text", () => {
    const { format: _, replyTo: __, headers: ___, ...older } = emptyForm;
    assert.deepEqual(FromPanel.parse({ type: "edit", form: older }), { type: "edit", form: emptyForm });
  });

  for (const [message, why] of [
    [undefined, "nothing"],
    ["ready", "a text"],
    [{}, "no type"],
    [{ type: "explode" }, "an unknown type"],
    [{ type: "send" }, "a send without its form"],
    [{ type: "send", form: { ...emptyForm, to: 1 } }, "a form of another kind"],
    [{ type: "send", form: { ...emptyForm, to: "x".repeat(100_001) } }, "a field that is too long"],
    [{ type: "attachment", attachmentId: "f", action: "rename" }, "a rename without a name"],
    [{ type: "typed", change: { since: 1, revision: 2, texts: { name: "x" } } }, "a change of no field"],
    [
      { type: "typed", change: { since: 1, revision: 2, texts: { to: { at: -1, removed: 0, text: "" } } } },
      "a change from before a text",
    ],
    [{ type: "rename", attachmentId: "f", name: "" }, "an empty name"],
    [{ type: "rename", attachmentId: "f", name: "x".repeat(256) }, "a name longer than any file's"],
    [
      { type: "dropUris", uris: Array.from({ length: MAX_DROPPED + 1 }, () => "file:///a") },
      "too many files",
    ],
    [
      { type: "dropChunk", id: "a", offset: 0, bytes: new Uint8Array(DROP_CHUNK_BYTES + 1) },
      "a piece that is too large",
    ],
    [{ type: "dropChunk", id: "a", offset: -1, bytes: new Uint8Array(1) }, "a piece from before the file"],
    [{ type: "remedy", remedy: "format disk", attachmentId: null }, "a remedy that there is not"],
  ] as const)
    it(`drops ${why}`, () => assert.equal(FromPanel.safeParse(message).success, false));

  it("drops whatever a page may post, and never throws", () =>
    fc.assert(
      fc.property(fc.anything(), (message) => {
        const parsed = FromPanel.safeParse(message);
        assert.ok(!parsed.success || typeof parsed.data.type === "string");
      }),
    ));

  it("carries the snapshot that the host makes", () => {
    const snapshot = panelSnapshot(delivery(), { accounts: [], notice: null, now });
    assert.deepEqual(ToPanel.parse({ type: "snapshot", snapshot }), { type: "snapshot", snapshot });
    assert.deepEqual(PanelSnapshot.parse(JSON.parse(JSON.stringify(snapshot))), snapshot);
  });

  it("carries no more people than a page can look through", () => {
    const people = (count: number) => ({
      type: "people",
      people: Array.from({ length: count }, () => ({ name: null, email: "ann@x.example", origin: "mail" })),
    });
    assert.equal(ToPanel.safeParse(people(MAX_PEOPLE)).success, true);
    assert.equal(ToPanel.safeParse(people(MAX_PEOPLE + 1)).success, false);
  });

  it("has an intent for every action that a file offers", () => {
    for (const action of AttachmentAction.options) {
      const intent =
        action === "rename"
          ? { type: "rename", attachmentId: "f", name: "b" }
          : { type: "attachment", attachmentId: "f", action };
      assert.ok(FromPanel.safeParse(intent).success, action);
    }
  });

  it("keeps no more across a reload than the delivery and what was typed", () => {
    const kept = PanelState.parse({ deliveryId: "d", form: emptyForm, secret: "key" });
    assert.deepEqual(kept, { deliveryId: "d", form: emptyForm });
  });
});
