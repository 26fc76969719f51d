import assert from "node:assert/strict";
import type { PanelSnapshot } from "../../src/shared/contract/snapshot.ts";
import { PanelPage } from "./panelPage.ts";
import { attachment, emptyForm, snapshot } from "./snapshots.ts";

const problem = {
  message: "The service closed the connection.",
  remedy: { remedy: "retry" as const, label: "Retry" },
  requestId: "req-7",
};
const form = { ...emptyForm, to: "Ada <ada@contoso.example>, grace@navy.example", subject: "The build" };
const files = Array.from({ length: 8 }, (_, at) => attachment({ id: `a${at}`, name: `part-${at}.bin` }));
const leaving = {
  label: "Sending…",
  enabled: false,
  withdrawable: true,
  withdrawLabel: "Undo (4 s)",
  undoable: true,
};

const states: readonly (readonly [string, PanelSnapshot, string])[] = [
  ["a mail with many files", snapshot({ form, attachments: files }), "Send When Ready"],
  [
    "a mail that failed",
    snapshot({ form, phase: "failed", headline: "Not sent.", problem }),
    "Send When Ready",
  ],
  [
    "a mail that is too large, is written elsewhere, and was filled by an assistant",
    snapshot({
      ...{ form: { ...form, to: "ann@gmail.com, bob@icloud.com" }, problem: { ...problem, remedy: null } },
      ...{
        provenance: "Filled in by an assistant.",
        shrink: { words: "Compressed, it would be about 6 MB." },
      },
      attachments: [attachment({ sizeBytes: 100 * 1024 * 1024, actions: ["asLink"] })],
      sendLimit: { bytes: 35 * 1024 * 1024, canBeRaised: true },
    }),
    "Send When Ready",
  ],
  ["a practice mail", snapshot({ form, practice: "Practice: nobody gets this mail." }), "Send When Ready"],
  [
    "a mail that is leaving",
    snapshot({ form, phase: "waiting", editable: false, send: leaving }),
    "Undo (4 s)",
  ],
];

/** A window of 1280 by 800 at 200 %, alone and above a terminal: half of each, in pixels of the page. */
describe("the panel at 200 % zoom", () => {
  for (const [where, height] of [
    ["in a whole window", 400],
    ["above a terminal", 218],
  ] as const)
    for (const [what, view, pressed] of states)
      it(`shows what there is to press, and cuts nothing: ${what}, ${where}`, async () => {
        const context = { viewport: { width: 640, height }, deviceScaleFactor: 2 };
        const panel = await PanelPage.open({ context });
        try {
          await panel.show(view);
          const box = await panel.page.getByRole("button", { name: pressed }).boundingBox();
          assert.ok(box !== null && box.y >= 0 && box.y + box.height <= height, JSON.stringify(box));
          assert.ok(box.x >= 0 && box.x + box.width <= 640, JSON.stringify(box));
          // A field that one goes to is in sight above the bar.
          const subject = panel.page.getByLabel("Subject");
          await subject.focus();
          const field = await subject.boundingBox();
          const bar = await panel.page.locator(".send-bar").boundingBox();
          assert.ok(field !== null && bar !== null && field.y >= 0, JSON.stringify(field));
          assert.ok(field.y + field.height <= bar.y, JSON.stringify([field, bar]));
          const cut = await panel.page.evaluate(() =>
            [...document.querySelectorAll("button, label, .headline, .practice > span")]
              .filter((node) => node.checkVisibility() && !node.closest(".visually-hidden"))
              .filter((node) => node.scrollWidth > node.clientWidth + 1 && node.clientWidth > 0)
              .map((node) => node.outerHTML),
          );
          assert.deepEqual(cut, []);
          assert.deepEqual(panel.faults, []);
        } finally {
          await panel.close();
        }
      });
});
