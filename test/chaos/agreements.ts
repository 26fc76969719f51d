/** Which versions of its files somebody has agreed to send with each mail. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import type { Sandbox } from "../../src/sandbox/server.ts";
import type { Window } from "../support/window.ts";

export class Agreements {
  /** SHA-256 of whole files, by the mail's id. */
  readonly #agreed = new Map<string, Set<string>>();
  /** Notes how the files are, for each act that is not over. */
  readonly #open = new Map<() => void, Window>();

  /** Somebody agrees to the files as they are, or are said to be; which moment of the act counts is the engine's to choose. */
  agrees<T>(window: Window, id: string, act: Promise<T>): Promise<T> {
    const note = () => this.#note(window, id);
    note();
    this.#open.set(note, window);
    const end = () => {
      note();
      this.#open.delete(note);
    };
    act.then(end, end);
    return act;
  }

  /** A file has changed. */
  changed(): void {
    for (const [note, window] of this.#open)
      if (window.isDead) this.#open.delete(note);
      else note();
  }

  /** @throws AssertionError for bytes that nobody has agreed to send with a mail */
  assertAgreed(id: string, sha256: string, name: string): void {
    assert.ok(this.#agreed.get(id)?.has(sha256), `nobody has agreed to ${name} of ${id} as it went out`);
  }

  /** @throws AssertionError for a file that went out and that nobody has agreed to */
  check({ mails }: Sandbox, ids: readonly string[]): void {
    for (const { subject, attachments } of mails) {
      const id = ids.find((one) => subject.endsWith(`(${one})`));
      if (id === undefined) continue;
      for (const { filename, sha256 } of attachments) this.assertAgreed(id, sha256, filename);
    }
  }

  #note(window: Window, id: string): void {
    const agreed = this.#agreed.get(id) ?? new Set();
    this.#agreed.set(id, agreed);
    for (const { path, checkpoint } of window.store.find(id)?.attachments ?? []) {
      if (existsSync(path)) agreed.add(createHash("sha256").update(readFileSync(path)).digest("hex"));
      if (checkpoint !== null) agreed.add(checkpoint.sha256);
    }
  }
}
