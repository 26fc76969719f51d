/** One VS Code, as a person uses it, with a watch in hand. */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { Edition } from "../../scripts/vscode/layout.ts";
import type { Sandbox } from "../../src/sandbox/server.ts";
import { Freight, SEND } from "../support/freight.ts";
import { openWorkbench, type WorkbenchSession } from "../support/session.ts";
import { until } from "../support/until.ts";
import type { Bench } from "./bench.ts";
import { median } from "./contest.ts";
import { EditorProbe, type PhaseReading } from "./editorProbe.ts";

export interface VisitFigures {
  readonly activationMs: number;
  readonly firstMs: number;
  readonly secondMs: number;
  readonly sendMs: number;
  readonly uploadSeconds: number;
  readonly messagesPerSecond: number;
  /** Bytes that come to the panel a second, as JSON. */
  readonly bytesPerSecond: number;
  readonly before: PhaseReading;
  readonly upload: PhaseReading;
  readonly after: PhaseReading;
}

const LARGE = "large.bin";
const SMALL = ["small-0.bin", "small-1.bin", "small-2.bin", "small-3.bin", "small-4.bin"];
/** How long the host is watched while nothing goes on. */
const QUIET_MS = 3_000;

export class EditorVisit {
  readonly #session: WorkbenchSession;
  readonly #freight: Freight;
  readonly #probe: EditorProbe;

  private constructor(session: WorkbenchSession, probe: EditorProbe) {
    this.#session = session;
    this.#freight = new Freight(session);
    this.#probe = probe;
  }

  static async measure(
    bench: Bench,
    edition: Edition,
    sandbox: Sandbox,
    vsix: string,
  ): Promise<VisitFigures> {
    const probe = await EditorProbe.in(join(bench.folder, `probe-${edition}`));
    const small = SMALL.map((name) => [name, randomBytes(90_000)] as const);
    const session = await openWorkbench({
      edition,
      vsix,
      files: { ...Object.fromEntries(small), [LARGE]: randomBytes(bench.options.fileBytes) },
      settings: {
        "explorer.autoReveal": false,
        "freightMail.messageLimits": { "practice@freight-mail.example": 250 },
      },
      ...probe.options,
    });
    try {
      return await new EditorVisit(session, probe).#measure(bench.options.isQuick ? 1 : 3, sandbox);
    } finally {
      await session.dispose();
    }
  }

  async #measure(repetitions: number, sandbox: Sandbox): Promise<VisitFigures> {
    const activations: number[] = [];
    for (let round = 0; round < repetitions; round++) {
      if (round > 0) await this.#session.reload();
      activations.push(await this.#activation());
    }
    await this.#session.reload();
    await this.#freight.addAccount(sandbox);
    await this.#freight.tidy();
    const opened: number[] = [];
    for (const name of SMALL.slice(0, repetitions + 1)) {
      opened.push(await this.#open(name));
      await this.#freight.panel.attachment(name).says(/ready/i);
      await this.#freight.tidy();
    }
    const [firstMs = Number.NaN, ...later] = opened;
    const quiet = () => new Promise((resolve) => setTimeout(resolve, QUIET_MS));
    const before = await this.#probe.during(quiet);
    const { upload, uploadSeconds, messages, bytes } = await this.#upload();
    const after = await this.#probe.during(quiet);
    return {
      activationMs: median(activations),
      firstMs,
      secondMs: median(later),
      sendMs: await this.#send(),
      uploadSeconds,
      messagesPerSecond: messages / uploadSeconds,
      bytesPerSecond: bytes / uploadSeconds,
      before,
      upload,
      after,
    };
  }

  /** What VS Code itself counts: loading the code, and the call. */
  async #activation(): Promise<number> {
    const { workbench, page } = this.#session;
    await this.#freight.ready();
    await workbench.command("Developer: Show Running Extensions");
    const row = page.locator(".runtime-extensions-editor .monaco-list-row", { hasText: "Freight Mail" });
    const text = await until("the activation was counted", async () => {
      const said = await row
        .first()
        .innerText({ timeout: 2_000 })
        .catch(() => "");
      return /\d+ ?ms/.test(said) ? said : undefined;
    });
    await this.#freight.closeEditors();
    return Number(/(\d+) ?ms/.exec(text)?.[1]);
  }

  /** From the click on the menu's entry to a field that takes text. */
  async #open(name: string): Promise<number> {
    const { workbench } = this.#session;
    await workbench.view("Explorer");
    const item = await workbench.findMenuItem(SEND, workbench.file(name));
    // It takes no clicks in its first 100 ms.
    await new Promise((resolve) => setTimeout(resolve, 200));
    const startedAt = performance.now();
    await item.click();
    const { to, subject } = this.#freight.panel;
    await until("the panel of this file can be typed in", async () => {
      const shown = await subject.inputValue({ timeout: 5_000 }).catch(() => "");
      return shown === name && (await to.isEditable());
    });
    return performance.now() - startedAt;
  }

  async #upload() {
    const { panel } = this.#freight;
    let uploadSeconds = Number.NaN;
    let messages = 0;
    let bytes = 0;
    const upload = await this.#probe.during(async () => {
      const startedAt = performance.now();
      await this.#open(LARGE);
      const body = panel.frame.locator("body");
      await body.evaluate((element) => {
        element.dataset["messages"] = "0";
        element.dataset["bytes"] = "0";
        addEventListener("message", ({ data }) => {
          element.dataset["messages"] = String(Number(element.dataset["messages"]) + 1);
          element.dataset["bytes"] = String(Number(element.dataset["bytes"]) + JSON.stringify(data).length);
        });
      });
      await panel.attachment(LARGE).says(/ready/i);
      uploadSeconds = (performance.now() - startedAt) / 1000;
      messages = Number(await body.getAttribute("data-messages"));
      bytes = Number(await body.getAttribute("data-bytes"));
    });
    return { upload, uploadSeconds, messages, bytes };
  }

  async #send(): Promise<number> {
    const { panel } = this.#freight;
    await panel.to.fill("reader@example.com");
    const startedAt = performance.now();
    await panel.sendByKey();
    await panel.says(/^Sent/);
    return performance.now() - startedAt;
  }
}
