import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { PanelSnapshot } from "../../src/shared/contract/snapshot.ts";
import { PanelPage } from "./panelPage.ts";
import { popularThemes } from "./popularThemes.ts";
import { attachment, emptyForm, snapshot, steps } from "./snapshots.ts";
import { type Theme, themes } from "./themes.ts";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const problem = {
  message: "The service closed the connection.",
  remedy: { remedy: "retry" as const, label: "Retry" },
  requestId: "req-7",
};

/** As much of the panel as can be seen at once. */
const states: Readonly<Record<string, PanelSnapshot>> = {
  practice: snapshot({
    practice: "Practice: nothing leaves this machine, and nobody gets this mail.",
    form: { ...emptyForm, to: "Ada <ada@contoso.example>", subject: "The build" },
    attachments: [
      attachment(),
      attachment({ id: "a2", status: "ready", statusText: "ready", pace: "" }),
      attachment({ id: "a3", status: "paused", statusText: "paused", actions: ["resume", "remove"] }),
    ],
  }),
  failed: snapshot({
    form: { ...emptyForm, to: "grace," },
    phase: "failed",
    headline: "Not sent.",
    notice: "Restricted Mode is on.",
    problem,
    attachments: [
      attachment({
        ...{ status: "failed", statusText: "failed", problem },
        steps: steps("done", "failed", "todo", "todo"),
      }),
    ],
  }),
};

const seven = {
  ...popularThemes,
  highContrast: themes.highContrast,
  highContrastLight: themes.highContrastLight,
};

/** Pairs that a theme has chosen for all of VS Code, and that are a little too faint: 4.3 to 1 in place of 4.5. */
const THEMES_OWN: Readonly<Record<string, RegExp>> = {
  // White on #4d78cc: what is pressed to go on.
  atomOneDark: /class="primary|Lose the Answer to Send/,
  // White on #5f7e97: what is selected.
  nightOwl: /aria-pressed="true">Write|>Plain Text/,
};

describe("the panel in the themes that people have", () => {
  for (const [themeName, theme] of Object.entries<Theme>(seven))
    for (const width of [400, 700, 1280])
      it(`axe finds nothing in ${themeName}, ${width} px wide`, async () => {
        const panel = await PanelPage.open({ theme, context: { viewport: { width, height: 800 } } });
        try {
          await panel.page.evaluate(axe);
          for (const [name, view] of Object.entries(states)) {
            await panel.show(view);
            if (name === "practice")
              await panel.receive({
                type: "simulator",
                view: {
                  ...{ bytesPerSecond: 65_536, losesAnswer: true, done: "line dropped" },
                  arrived: { words: "Arrived once, identical", isGood: true },
                },
              });
            const { violations } = await panel.page.evaluate(() => window.axe.run(document));
            const found = violations.flatMap(({ id, nodes }) =>
              nodes
                .filter(({ html }) => THEMES_OWN[themeName]?.test(html) !== true)
                .map(({ html, any }) => `${name}: ${id}: ${html} ${any[0]?.message}`),
            );
            assert.deepEqual(found, []);
          }
          assert.deepEqual(panel.faults, []);
        } finally {
          await panel.close();
        }
      });
});
