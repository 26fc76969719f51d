/** The practice mailbox: runs the sandbox as a separate process, started when first needed. */
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import * as z from "zod";
import { FreightError } from "../base/errors.ts";
import type { Disposable } from "../base/lifecycle.ts";
import type { Log } from "../base/log.ts";
import { t } from "../shared/l10n.ts";
import { isLoopback } from "./uploadUrl.ts";

/** A key is sent there and a browser opens pages from there, so only this machine will do. */
export const Here = z
  .url({ protocol: /^http$/ })
  .refine((url) => URL.canParse(url) && isLoopback(new URL(url).hostname));

/** The one line that the sandbox prints once it listens. */
export const Announcement = z.object({
  nylas: z.object({
    apiUri: Here,
    apiKey: z.string(),
    /** The id of the application that people can sign in to. */
    clientId: z.string(),
    grants: z.array(z.object({ id: z.string(), provider: z.string(), email: z.string() })),
  }),
  /** Where sent mail can be read. */
  outbox: Here,
  /** Where faults and the speed of the line are set; absent in an older sandbox that another window runs. */
  control: Here.optional(),
});
export type PracticeAddresses = z.infer<typeof Announcement>;

export interface PracticeMailboxOptions {
  /** The sandbox's program. */
  readonly program: string;
  /** Keeps uploads, mails and the key across restarts of the process. */
  readonly dataFolder: string;
  readonly log: Log;
}

const START_TIMEOUT_MS = 20_000;

export class PracticeMailbox implements Disposable {
  readonly #options: PracticeMailboxOptions;
  #running: Promise<PracticeAddresses> | undefined;
  #child: ChildProcess | undefined;

  constructor(options: PracticeMailboxOptions) {
    this.#options = options;
  }

  /** The addresses of the practice mailbox, which is started if it is not running. */
  addresses(): Promise<PracticeAddresses> {
    this.#running ??= this.#start();
    return this.#running;
  }

  /** Closes the process's input, which ends it. */
  dispose(): void {
    this.#child?.stdin?.end();
    this.#child = undefined;
    this.#running = undefined;
  }

  async #start(): Promise<PracticeAddresses> {
    const { program, dataFolder, log } = this.#options;
    const child = spawn(
      process.execPath,
      [program, "--port", "0", "--data", dataFolder, "--parent", "--control"],
      {
        // In the desktop's extension host the executable is Electron.
        env: { ...process.env, ELECTRON_RUN_AS_NODE: "1" },
        stdio: ["pipe", "pipe", "pipe"],
        // On a server on Windows a console window would open.
        windowsHide: true,
      },
    );
    this.#child = child;
    child.stderr.on("data", (chunk: Buffer) => log.warn(`Practice mailbox: ${String(chunk).trimEnd()}`));
    child.stdin.on("error", () => {}); // It has ended already; "exit" reports that.
    child.on("exit", (code) => {
      if (this.#child !== child) return;
      // It ends with 0 when it has printed the address of another window's practice mailbox: then none of
      // ours is running.
      if (code !== 0) log.warn(`The practice mailbox ended (${code ?? "signal"}).`);
      this.#child = undefined;
      this.#running = undefined; // Whoever needs it next starts it again.
    });
    try {
      return Announcement.parse(JSON.parse(await firstLine(child)));
    } catch (reason) {
      this.dispose();
      child.kill();
      throw new FreightError("service-fault", t("The practice mailbox did not start."), {
        cause: reason,
        remedy: "showLog",
      });
    }
  }
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise<string>((resolve, reject) => {
    if (child.stdout === null) return reject(new Error("no output"));
    createInterface(child.stdout).once("line", resolve);
    child.once("error", reject);
    // Not "exit": the line of a process that ends at once may still be in the pipe then.
    child.once("close", (code) => reject(new Error(`ended with ${code}`)));
    const timer = setTimeout(() => reject(new Error("no answer in time")), START_TIMEOUT_MS);
    child.stdout.once("data", () => clearTimeout(timer));
    child.once("close", () => clearTimeout(timer));
  });
}
