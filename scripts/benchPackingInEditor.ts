/** Packing as a person sees it: in the extension host of a real VS Code, begun from the Explorer's menu. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EditorProbe } from "../test/bench/editorProbe.ts";
import { Freight, SEND } from "../test/support/freight.ts";
import { openWorkbench, type WorkbenchSession } from "../test/support/session.ts";
import { until } from "../test/support/until.ts";

/** @param fill puts the folder `many` and the file `sparse.img` into the workspace */
export async function benchInEditor(fill: (workspaceDir: string) => Promise<void>): Promise<void> {
  const scratch = await mkdtemp(join(tmpdir(), "freight-bench-"));
  const probe = await EditorProbe.in(scratch);
  const session = await openWorkbench({
    prepare: fill,
    settings: { "explorer.autoReveal": false, "files.watcherExclude": { "**/many/**": true } },
    ...probe.options,
  });
  try {
    await measure(session, probe);
  } finally {
    await session.dispose();
    await rm(scratch, { recursive: true, force: true });
  }
}

async function measure(session: WorkbenchSession, probe: EditorProbe): Promise<void> {
  const freight = new Freight(session);
  const { workbench } = freight;
  await workbench.command("Freight Mail: Open Practice Mailbox");
  await workbench
    .notification(/practice mailbox/i)
    .waitFor({ timeout: 5_000 })
    .catch(() => {}); // It may only open a page.
  await freight.tidy();

  const compress = async () => {
    await workbench.view("Explorer");
    await freight.menu(SEND, workbench.file("many"));
    await freight.answerDialog("as a zip?", "Compress");
  };
  const compressLarge = async () => {
    await workbench.view("Explorer");
    await freight.menu(SEND, workbench.file("sparse.img"));
    const offer = workbench.notification("“sparse.img” is 4 GB");
    await offer.getByRole("button", { name: "Compress and Send" }).click();
  };
  const ready = () => freight.panel.attachment("many.zip").status.filter({ hasText: "ready" });
  const quiet = await probe.during(() => session.page.waitForTimeout(3_000));
  const work = await probe.during(async () => {
    await compress();
    await ready().waitFor({ timeout: 300_000 });
  });
  const mb = (bytes: number) => (bytes / 1024 ** 2).toFixed(0);
  console.log(
    `in VS Code, list, pack and upload 60,000 files: event loop at most ${work.longestMs.toFixed(0)} ms late, 99% below ` +
      `${work.p99Ms.toFixed(1)} ms (${quiet.longestMs.toFixed(0)} and ${quiet.p99Ms.toFixed(1)} ms while nothing goes on); ` +
      `${mb(work.peakBytes - quiet.rssBytes)} MB more memory at the peak`,
  );

  await freight.tidy();
  await cancelAfterStart("60,000 files", session, compress, "Compressing many", /[1-9]\d?% of/);
  const large = await probe.during(() =>
    cancelAfterStart("4 GB", session, compressLarge, "Compressing sparse.img", /[3-9]\d% of/),
  );
  console.log(
    `in VS Code, pack a third of 4 GB: event loop at most ${large.longestMs.toFixed(0)} ms late, 99% below ` +
      `${large.p99Ms.toFixed(1)} ms; ${mb(large.peakBytes - large.rssBytes)} MB more memory at the peak than after it`,
  );
}

async function cancelAfterStart(
  what: string,
  session: WorkbenchSession,
  begin: () => Promise<void>,
  title: string,
  isUnderWay: RegExp,
): Promise<void> {
  await begin();
  const progress = session.workbench.notification(title);
  await until("it is under way", () => progress.filter({ hasText: isUnderWay }).isVisible(), 60_000);
  const pressedAt = performance.now();
  await progress.getByRole("button", { name: "Cancel" }).click();
  await progress.waitFor({ state: "hidden" });
  console.log(
    `in VS Code, cancel ${what}: gone ${(performance.now() - pressedAt).toFixed(0)} ms after the click, as the page shows it`,
  );
}
