import { createHash } from "node:crypto";
import { createReadStream, readFileSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { Freight, SEND } from "../../test/support/freight.ts";
import type { WorkbenchSession } from "../../test/support/session.ts";
import { root } from "../vscode/layout.ts";
import { largeFile } from "./sample.ts";

const pictures = join(root, "out/demo");

const Outbox = z.array(
  z.object({
    to: z.array(z.object({ email: z.string() })),
    subject: z.string(),
    attachments: z.array(z.object({ filename: z.string(), size: z.number(), sha256: z.string() })),
  }),
);

/** Does what a person would do in the demo and says so step by step; throws when something does not happen. */
export async function drive(session: WorkbenchSession): Promise<void> {
  await mkdir(pictures, { recursive: true });
  const freight = new Freight(session);
  const { workbench, page } = freight;

  const entry = await workbench.findMenuItem(SEND, workbench.file(largeFile.name));
  await say(session, "1-context-menu", `Right-clicked ${largeFile.name} in the Explorer`);
  await page.keyboard.press("Escape");
  await entry.waitFor({ state: "hidden" });
  await workbench.contextMenu(SEND, workbench.file(largeFile.name));
  await freight.question("Which mail service do you use?");
  await say(session, "2-account", "No account yet: asked for one, chose the practice mailbox");

  const memory = new MemoryWatch(await session.extensionHostPid());
  await workbench.quickRows("Practice mailbox").first().click();
  const frame = await workbench.webviewFrame("#app textarea");
  await frame.getByLabel("To", { exact: true }).fill("Grace Hopper <grace@example.com>");
  await frame.getByLabel("Message").fill("Hello Grace,\nhere is the trace of last night's run.");
  await say(session, "3-panel", "Filled the form while the upload was under way");
  await page.keyboard.press("Control+Enter");
  console.log("Pressed Send");
  await workbench.notification(/arrived in the practice mailbox/).waitFor({ timeout: 60_000 });
  const { beforeMb, peakMb } = memory.stop();
  await say(session, "4-sent", "The mail was sent");
  await workbench.view("Freight Mail");
  await workbench
    .treeItems("Sessions")
    .filter({ hasText: /in the practice mailbox · / })
    .waitFor();
  await say(session, "5-sessions", "The tree lists it as sent");
  console.log(
    `Extension host: ${beforeMb} MB before, at most ${peakMb} MB while 150 MB were uploaded: ${peakMb - beforeMb} MB more`,
  );
  console.log(await verify(session));
}

/** Compares what arrived in the practice mailbox with the file. */
async function verify(session: WorkbenchSession): Promise<string> {
  const storage = join(session.dataDir, "User/globalStorage/freight-mail.freight-mail/practice/running.json");
  const note = z.object({ line: z.string() }).parse(JSON.parse(await readFile(storage, "utf8")));
  const { outbox } = z.object({ outbox: z.string() }).parse(JSON.parse(note.line));
  const [mail, ...others] = Outbox.parse(await (await fetch(outbox)).json());
  const [attachment] = mail?.attachments ?? [];
  if (attachment === undefined || others.length > 0)
    throw new Error("The outbox does not hold the one mail.");
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(session.path(largeFile.name))) hash.update(chunk);
  const sha256 = hash.digest("hex");
  if (attachment.sha256 !== sha256 || attachment.size !== largeFile.bytes)
    throw new Error(`What arrived is not the file: ${attachment.size} bytes, SHA-256 ${attachment.sha256}.`);
  return `sent ${attachment.filename} ${attachment.size} bytes sha256 ${sha256} verified`;
}

/** The resident memory of a process, looked at ten times a second. */
class MemoryWatch {
  readonly #pid: number;
  readonly #beforeMb: number;
  #peakMb: number;
  readonly #timer: NodeJS.Timeout;

  constructor(pid: number) {
    this.#pid = pid;
    this.#beforeMb = this.#residentMb();
    this.#peakMb = this.#beforeMb;
    this.#timer = setInterval(() => {
      this.#peakMb = Math.max(this.#peakMb, this.#residentMb());
    }, 100);
  }

  stop(): { beforeMb: number; peakMb: number } {
    clearInterval(this.#timer);
    return { beforeMb: this.#beforeMb, peakMb: this.#peakMb };
  }

  #residentMb(): number {
    const [, kilobytes] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${this.#pid}/status`, "utf8")) ?? [];
    return Math.round(Number(kilobytes ?? 0) / 1024);
  }
}

async function say(session: WorkbenchSession, picture: string, sentence: string): Promise<void> {
  await session.page.screenshot({ path: join(pictures, `${picture}.png`) });
  console.log(`${sentence} (out/demo/${picture}.png)`);
}
