/** A history of 10,000 sessions in a real VS Code. */
import { randomBytes, randomUUID } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { toSaved } from "../../src/delivery/record/delivery.ts";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { Freight, holdUpload } from "../support/freight.ts";
import { attachment, delivery, session as sessionRecord } from "../support/records.ts";
import { openWorkbench, type WorkbenchSession } from "../support/session.ts";
import type { Bench } from "./bench.ts";
import { median } from "./contest.ts";
import { EditorProbe } from "./editorProbe.ts";

export interface HistoryFigures {
  readonly rows: number;
  readonly startMs: number;
  readonly openMs: number;
  readonly redrawnRows: number;
  readonly longestMs: number;
}

const HELD = "held.bin";
/** One alone may meet the moment in which the countdowns are looked at. */
const OPENINGS = 5;

export async function measureHistory(bench: Bench, vsix: string): Promise<HistoryFigures> {
  const rows = bench.options.isQuick ? 2_000 : 10_000;
  const probe = await EditorProbe.in(join(bench.folder, "probe-history"));
  const sandbox = await startSandbox();
  const files = { [HELD]: randomBytes(12 * 1024 * 1024) };
  const settings = { "explorer.autoReveal": false };
  const session = await openWorkbench({ vsix, files, settings, ...probe.options });
  try {
    const freight = new Freight(session);
    await freight.addAccount(sandbox);
    await freight.tidy();
    const records = join(session.dataDir, "User/globalStorage/freight-mail.freight-mail/deliveries");
    await mkdir(records, { recursive: true });
    await writeHistory(records, rows);
    await session.reload();
    const reloadedAt = performance.now();
    await session.workbench.view("Freight Mail");
    await session.workbench.treeItems("Sessions").first().waitFor({ timeout: 60_000 });
    const startMs = performance.now() - reloadedAt;
    const opened: number[] = [];
    for (let round = 0; round < OPENINGS; round++) opened.push(await timeOpening(session));
    return {
      rows,
      startMs,
      openMs: median(opened),
      ...(await change(sandbox, session, freight, probe)),
    };
  } finally {
    await session.dispose();
    await sandbox.close();
  }
}

async function timeOpening({ workbench }: WorkbenchSession): Promise<number> {
  await workbench.view("Explorer");
  await workbench.treeItems("Sessions").first().waitFor({ state: "hidden" });
  const startedAt = performance.now();
  await workbench.view("Freight Mail");
  await workbench.treeItems("Sessions").first().waitFor();
  const openMs = performance.now() - startedAt;
  // The rows are there before the activity bar says so; a click on its old word would close the side bar.
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  return openMs;
}

/** Pauses an upload in the tree, and counts the rows that are drawn anew. */
async function change(sandbox: Sandbox, session: WorkbenchSession, freight: Freight, probe: EditorProbe) {
  holdUpload(sandbox);
  await freight.send(HELD);
  const row = await freight.sees(HELD, "uploading 66%");
  await row.hover();
  const tree = session.page.getByRole("tree", { name: "Sessions" });
  const { longestMs } = await probe.during(async () => {
    await tree.evaluate((element) => {
      const seen = new Set<string>();
      const note = (records: readonly MutationRecord[]) => {
        for (const { target } of records) {
          const found = target instanceof Element ? target : target.parentElement;
          const index = found?.closest(".monaco-list-row")?.getAttribute("data-index");
          if (index) seen.add(index);
        }
        element.dataset["redrawn"] = String(seen.size);
      };
      const watching = { subtree: true, characterData: true, childList: true };
      new MutationObserver(note).observe(element, watching);
    });
    await freight.inline(HELD, "Pause Upload");
    await freight.sees(HELD, "paused at 66%");
  });
  return { longestMs, redrawnRows: Number(await tree.getAttribute("data-redrawn")) };
}

/** Mails that were sent in the last days, one file each. */
export async function writeHistory(folder: string, rows: number): Promise<void> {
  const now = Date.now();
  for (let number = 0; number < rows; number++) {
    const id = randomUUID();
    const createdAt = now - 3_600_000 - number * 60_000;
    const name = `sent-${number}.pdf`;
    const record = delivery({
      id,
      createdAt,
      phase: "sent",
      attachments: [
        attachment({
          id: randomUUID(),
          path: `/data/${name}`,
          name,
          status: "ready",
          accepted: 1000,
          session: sessionRecord({ createdAt, expiresAt: createdAt + 3_600_000 }),
        }),
      ],
    });
    await writeFile(join(folder, `${id}.json`), JSON.stringify(toSaved(record)));
  }
}
