/** The people that VS Code's Microsoft accounts know in a test, and what was asked of them. */
import { readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SessionOptions } from "./session.ts";

interface Asked {
  readonly call: "getSessions" | "createSession";
  readonly scopes: readonly string[];
  /** Who was suggested to sign in. */
  readonly accountId?: string;
}

interface Person {
  readonly label: string;
  /** Given out one after the other, and the last from then on. */
  readonly tokens: readonly string[];
}

export class MicrosoftAccounts {
  readonly #folder: string;
  readonly #people: Record<string, Person> = {};

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async make(): Promise<MicrosoftAccounts> {
    return new MicrosoftAccounts(await mkdtemp(join(tmpdir(), "freight-accounts-")));
  }

  /** What a VS Code needs to have these accounts. */
  get options(): SessionOptions {
    return {
      extensions: [join(import.meta.dirname, "microsoftStandIn")],
      env: { MICROSOFT_STAND_IN: this.#folder },
    };
  }

  /** Whoever signs in next: as a person types a name into the page of Microsoft. */
  letIn(email: string, ...tokens: readonly string[]): void {
    this.#people[email] = { label: email, tokens };
    this.#write(email);
  }

  /** The next sign-in is given up. */
  letNobodyIn(): void {
    this.#write("");
  }

  /** Microsoft refuses whoever signs in next, in these words. */
  refuse(refusal: string): void {
    this.#write("", refusal);
  }

  get asked(): readonly Asked[] {
    const text = readFileSync(join(this.#folder, "asked.jsonl"), { encoding: "utf8", flag: "a+" });
    return text
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line));
  }

  async remove(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }

  #write(next: string, refusal?: string): void {
    writeFileSync(join(this.#folder, "people.json"), JSON.stringify({ next, people: this.#people, refusal }));
  }
}
