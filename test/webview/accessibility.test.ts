import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import type { PanelSnapshot } from "../../src/shared/contract/snapshot.ts";
import { PanelPage } from "./panelPage.ts";
import { attachment, emptyForm, hostNow, snapshot, steps } from "./snapshots.ts";
import { type Theme, themes } from "./themes.ts";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

declare global {
  interface Window {
    axe: { run(node: Document): Promise<AxeResults> };
  }
}

const problem = {
  message: "The service closed the connection.",
  remedy: { remedy: "retry" as const, label: "Try Again" },
  requestId: "req-7",
};

const states = {
  empty: snapshot({
    accounts: [],
    accountId: null,
    attachments: [],
    form: emptyForm,
    notice: "Restricted Mode is on.",
    send: {
      label: "Send",
      enabled: false,
      withdrawable: false,
      withdrawLabel: "Keep Editing",
      undoable: false,
    },
  }),
  uploading: snapshot(),
  ready: snapshot({
    attachments: [
      attachment({ status: "ready", statusText: "ready", expiresAt: hostNow + 60_000, pace: "" }),
      attachment({ id: "a2", status: "paused", statusText: "paused", actions: ["resume", "remove"] }),
    ],
    phase: "waiting",
    send: {
      label: "Send When Ready",
      enabled: false,
      withdrawable: true,
      withdrawLabel: "Keep Editing",
      undoable: false,
    },
  }),
  failed: snapshot({
    form: { ...emptyForm, to: "Ada <ada@contoso.example>, grace,", cc: "x@localhost," },
    phase: "failed",
    headline: "Not sent.",
    problem,
    refused: ["“empty.txt” is empty. Mail services refuse empty attachments."],
    attachments: [
      attachment({
        status: "failed",
        statusText: "failed",
        steps: steps("done", "failed", "todo", "todo"),
        problem,
      }),
      attachment({ id: "a2", status: "expired", statusText: "expired", actions: ["retry"] }),
    ],
  }),
  practice: snapshot({
    practice: "Practice: nothing leaves this machine, and nobody gets this mail.",
    accounts: [{ id: "practice", label: "me@practice.example", note: "practice mailbox" }],
    send: {
      label: "Send to Practice Mailbox",
      enabled: true,
      withdrawable: false,
      withdrawLabel: "Keep Editing",
      undoable: false,
    },
  }),
  more: snapshot({
    form: { ...emptyForm, to: "ada@contoso.example", replyTo: "desk@contoso.example", headers: "X-Run: 7" },
  }),
  scheduled: snapshot({
    form: { ...emptyForm, to: "Ada <ada@contoso.example>" },
    editable: false,
    phase: "scheduled",
    headline: "Will be sent tomorrow at 08:00.",
    send: {
      ...{ label: "Scheduled", enabled: false },
      ...{ withdrawable: false, withdrawLabel: "Keep Editing", undoable: false },
    },
    ways: { others: false, cancelScheduled: true, sendAgainTo: false },
    attachments: [
      attachment({ status: "scheduled", statusText: "scheduled", expiresAt: null, actions: [] }),
      attachment({ id: "a2", status: "saved", statusText: "saved as a draft", expiresAt: null, actions: [] }),
    ],
  }),
  sent: snapshot({
    ways: { others: false, cancelScheduled: false, sendAgainTo: true },
    form: { ...emptyForm, to: "me@practice.example, Ada <ada@contoso.example>" },
    editable: false,
    phase: "sent",
    headline: "Sent.",
    send: {
      label: "Sent",
      enabled: false,
      withdrawable: false,
      withdrawLabel: "Keep Editing",
      undoable: false,
    },
    attachments: [attachment({ status: "sent", statusText: "sent", expiresAt: null, actions: [] })],
  }),
} satisfies Record<string, PanelSnapshot>;

describe("accessibility of the panel", () => {
  let panel: PanelPage;

  afterEach(async () => {
    assert.deepEqual(panel.faults, []);
    await panel.close();
  });

  for (const [themeName, theme] of Object.entries<Theme>(themes))
    for (const [stateName, view] of Object.entries<PanelSnapshot>(states))
      it(`axe finds nothing in ${themeName} while ${stateName}`, async () => {
        panel = await PanelPage.open({ theme });
        await panel.show(view);
        await panel.page.evaluate(axe);
        const { violations } = await panel.page.evaluate(() => window.axe.run(document));
        assert.deepEqual(
          violations.map(
            ({ id, nodes }) => `${id}: ${nodes.map(({ html, any }) => `${html} ${any[0]?.message}`)}`,
          ),
          [],
        );
      });

  for (const [themeName, theme] of Object.entries<Theme>(themes))
    it(`axe finds nothing in ${themeName} while the menu beside Send is open`, async () => {
      panel = await PanelPage.open({ theme });
      await panel.show(snapshot());
      await panel.page.getByRole("button", { name: "More Ways to Send" }).click();
      await panel.page.evaluate(axe);
      const { violations } = await panel.page.evaluate(() => window.axe.run(document));
      assert.deepEqual(
        violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html)}`),
        [],
      );
    });

  it("every step can be taken by keyboard alone", async () => {
    panel = await PanelPage.open({ frozenAt: hostNow });
    await panel.show(snapshot({ form: emptyForm }));
    const { keyboard } = panel.page;
    const stops: string[] = [await panel.focusedId()];
    await keyboard.type("ada@contoso.example");
    await keyboard.press("Tab");
    stops.push(await panel.focusedName());
    await keyboard.press("Enter");
    stops.push(await panel.focusedId());
    await keyboard.type("grace@navy.example");
    for (const text of ["", "The trace", "Here it is."]) {
      await keyboard.press("Tab");
      stops.push(await panel.focusedId());
      await keyboard.type(text);
    }
    for (let stop = 0; stop < 12; stop += 1) {
      await keyboard.press("Tab");
      stops.push(await panel.focusedName());
    }
    await panel.page.getByLabel("Message").focus();
    await keyboard.press("Tab");
    await keyboard.press("Enter");
    assert.deepEqual(stops, [
      ...["to", "Add Cc/Bcc", "cc", "bcc", "subject", "body"],
      // From the message it is one step to Send.
      ...["Send When Ready", "More Ways to Send", "SHA-256"],
      ...["Plain Text", "Write", "Preview", "More", "Add Files…"],
      ...["Open big-file.bin", "Rename big-file.bin", "Pause: big-file.bin", "Cancel: big-file.bin"],
    ]);
    const sent = (await panel.posted()).at(-1);
    assert.ok(sent?.type === "send");
    assert.deepEqual(sent, {
      type: "send",
      form: {
        revision: sent.form.revision,
        to: "ada@contoso.example",
        cc: "grace@navy.example",
        bcc: "",
        replyTo: "",
        headers: "",
        subject: "The trace",
        body: "Here it is.",
        format: "text",
      },
    });
  });

  it("the focus can be seen on every stop, and is never behind the send bar", async () => {
    panel = await PanelPage.open({ context: { viewport: { width: 700, height: 560 } } });
    const files = Array.from({ length: 12 }, (_, index) =>
      attachment({ id: `a${index}`, name: `${index}.bin` }),
    );
    await panel.show(snapshot({ attachments: files, problem }));
    await panel.page.getByLabel("From").focus();
    for (let stop = 0; stop < 44; stop += 1) {
      const { name, outline, hidden } = await panel.page.evaluate(() => {
        const node = document.activeElement;
        // The ring of an input among chips is around them all.
        const ring = node?.matches(".recipients > *") ? node.parentElement : node;
        const style = ring ? getComputedStyle(ring) : undefined;
        const box = node?.getBoundingClientRect();
        const at = box && document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
        return {
          name: node?.getAttribute("aria-label") ?? node?.id ?? "",
          outline: style?.outlineStyle === "solid" && style.outlineWidth !== "0px",
          hidden:
            !(at && (node?.contains(at) || at.contains(node ?? null))) || at.matches(".send-bar, body, main"),
        };
      });
      assert.equal(outline, true, `no ring on ${name}`);
      assert.equal(hidden, false, `${name} cannot be seen`);
      await panel.page.keyboard.press("Tab");
    }
  });

  describe("what screen readers are told", () => {
    const polite = () => panel.page.getByRole("status").textContent();
    const assertive = () => panel.page.getByRole("alert").textContent();
    const uploaded = (acceptedBytes: number) =>
      snapshot({ attachments: [attachment({ acceptedBytes, statusText: `uploading ${acceptedBytes}%` })] });

    beforeEach(async () => {
      panel = await PanelPage.open({ frozenAt: hostNow });
    });

    it("is quarters, not every snapshot", async () => {
      const heard: (string | null)[] = [];
      for (const accepted of [0, 10, 24, 25, 26, 49, 50, 74, 80, 99, 100]) {
        await panel.show(uploaded(accepted));
        const said = await polite();
        if (said !== heard.at(-1)) heard.push(said);
      }
      assert.deepEqual(heard, ["", "25% uploaded.", "50% uploaded.", "75% uploaded.", "100% uploaded."]);
    });

    it("is a change of status, and the headline when the mail goes a step further", async () => {
      await panel.show(snapshot());
      await panel.show(
        snapshot({
          phase: "waiting",
          headline: "Sends automatically.",
          attachments: [attachment({ status: "paused", statusText: "paused at 43%" })],
        }),
      );
      assert.equal(await polite(), "big-file.bin: paused at 43%. Sends automatically.");
    });

    it("is a failure at once", async () => {
      await panel.show(snapshot());
      assert.equal(await assertive(), "");
      await panel.show(snapshot({ problem, attachments: [attachment({ status: "failed", problem })] }));
      assert.equal(
        await assertive(),
        "big-file.bin: The service closed the connection. The service closed the connection.",
      );
    });

    it("is an expiry that comes near, once", async () => {
      const near = snapshot({ attachments: [attachment({ expiresAt: hostNow + 500_000 })] });
      await panel.show(near);
      assert.equal(await polite(), "big-file.bin expires in less than 10 minutes.");
      await panel.receive({ type: "snapshot", snapshot: uploaded(50) });
      await panel.show(near);
      assert.equal(await polite(), "50% uploaded.");
    });
  });

  for (const [name, width, height] of [
    ["320 px width", 320, 640],
    ["200 % zoom of 1000 px", 500, 450],
    ["420 px width", 420, 860],
  ] as const)
    it(`nothing scrolls sideways at ${name}`, async () => {
      const long = "Übergabe_航空貨物追跡データ_".repeat(9);
      panel = await PanelPage.open({ context: { viewport: { width, height } } });
      for (const view of Object.values<PanelSnapshot>(states)) {
        await panel.show({
          ...view,
          headline: long,
          form: { ...emptyForm, ...view.form, to: `${long}@contoso.example` },
          attachments: view.attachments.map((entry) => ({
            ...entry,
            name: `${long}.tar.zst`,
            problem: { ...problem, requestId: long },
          })),
        });
        assert.equal(
          await panel.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth),
          0,
        );
      }
    });

  for (const [name, options] of [
    ["the system asks for it", { context: { reducedMotion: "reduce" as const } }],
    ["VS Code asks for it", { bodyClass: "vscode-reduce-motion" }],
  ] as const)
    it(`nothing moves when ${name}`, async () => {
      panel = await PanelPage.open(options);
      await panel.show(snapshot());
      await panel.show(snapshot({ attachments: [attachment({ acceptedBytes: 80 })] }));
      assert.equal(await panel.page.evaluate(() => document.getAnimations().length), 0);
    });

  it("the bar is still there in the system's own high contrast", async () => {
    panel = await PanelPage.open({ context: { forcedColors: "active" } });
    await panel.show(snapshot());
    const [bar, accepted] = await panel.page.evaluate(() =>
      [".bar", ".accepted"].map((selector) => {
        const node = document.querySelector(selector);
        return node === null ? "" : getComputedStyle(node).backgroundColor;
      }),
    );
    assert.notEqual(bar, accepted);
  });
});
