/** The practice mailbox: the sandbox as a process of its own, started when it is first needed. */
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import * as z from "zod";
import { FreightError } from "../base/errors.ts";
import type { Disposable } from "../base/lifecycle.ts";
import type { Log } from "../base/log.ts";
import { t } from "../shared/l10n.ts";
import { isLoopback } from "./uploadUrl.ts";

/** A key is sent there, and a browser opens what lies there: nothing but this machine will do. */
export const Here = z
  .url({ protocol: /^http$/ })
  .refine((url) => URL.canParse(url) && isLoopback(new URL(url).hostname));

/** The one line that the sandbox prints when it listens. */
export const Announcement = z.object({
  nylas: z.object({
    apiUri: Here,
    apiKey: z.string(),
    /** Of the application that people can sign in to. */
    clientId: z.string(),
    grants: z.array(z.object({ id: z.string(), provider: z.string(), email: z.string() })),
  }),
  /** Where the mails that were sent can be read. */
  outbox: Here,
  /** What makes it hard for mails; an older one that runs in another window does not tell. */
  control: Here.optional(),
});
export type PracticeAddresses = z.infer<typeof Announcement>;

export interface PracticeMailboxOptions {
  /** The sandbox's program. */
  readonly program: string;
  /** Keeps uploads, mails and the key across restarts. */
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

  /** Where the running practice mailbox listens; starts it when it does not run. */
  addresses(): Promise<PracticeAddresses> {
    this.#running ??= this.#start();
    return this.#running;
  }

  /** Ends the process: it goes when its input closes. */
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
        // Beside a server on Windows a console would open.
        windowsHide: true,
      },
    );
    this.#child = child;
    child.stderr.on("data", (chunk: Buffer) => log.warn(`Practice mailbox: ${String(chunk).trimEnd()}`));
    child.stdin.on("error", () => {}); // It ended first; "exit" tells.
    child.on("exit", (code) => {
      if (this.#child !== child) return;
      // With 0 it found that another window's practice mailbox runs, and said where: nothing of ours to end.
      if (code !== 0) log.warn(`The practice mailbox ended (${code ?? "signal"}).`);
      this.#child = undefined;
      this.#running = undefined; // The next one who needs it starts it anew.
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
    // Not "exit": the line of a process that ends at once may still be on its way then.
    child.once("close", (code) => reject(new Error(`ended with ${code}`)));
    const timer = setTimeout(() => reject(new Error("no answer in time")), START_TIMEOUT_MS);
    child.stdout.once("data", () => clearTimeout(timer));
    child.once("close", () => clearTimeout(timer));
  });
}
