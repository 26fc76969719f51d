/** The door that every file passes before anything of it can leave: what looks like a secret goes when a person says so. */
import { basename } from "node:path";
import { FreightError } from "../../base/errors.ts";
import { t } from "../../shared/l10n.ts";

export interface NamedSecret {
  readonly name: string;
  /** "an AWS access key, line 12" */
  readonly what: string;
}

/** attach: all of them · leaveOut: all but these · nothing: not a single one */
export type SecretAnswer = "attach" | "leaveOut" | "nothing";

export interface SecretDoorOptions {
  /** @param hasOthers whether something is left when these stay out */
  readonly ask: (found: readonly NamedSecret[], hasOthers: boolean) => Promise<SecretAnswer>;
  /** What an archive of ours was packed from; undefined for any other file. */
  readonly originOf: (path: string) => string | undefined;
}

export class SecretDoor {
  readonly #options: SecretDoorOptions;
  /** Archives of folders: each file in them was looked at when it was packed. */
  readonly #vouched = new Set<string>();

  /** Without options it lets nothing through that looks like a secret. */
  constructor(options: Partial<SecretDoorOptions> = {}) {
    this.#options = { ask: async () => "leaveOut", originOf: () => undefined, ...options };
  }

  /**
   * The files that may go; none when the person wants to send nothing.
   * @param known files that this person was asked about for the same mail: what is packed of them is not asked about again
   */
  async admit(paths: readonly string[], known: readonly string[] = []): Promise<readonly string[]> {
    const found = new Map<string, NamedSecret>();
    for (const path of paths) {
      // In an archive that was packed of one file nothing can be seen any more.
      const origin = this.#options.originOf(path) ?? path;
      if (this.#vouched.has(path) || known.includes(origin)) continue;
      const what = await looksSecret(origin);
      if (what !== undefined) found.set(path, { name: basename(origin), what });
    }
    if (found.size === 0) return paths;
    const answer = await this.ask([...found.values()], found.size < paths.length);
    if (answer === "attach") return paths;
    return answer === "leaveOut" ? paths.filter((path) => !found.has(path)) : [];
  }

  ask(found: readonly NamedSecret[], hasOthers: boolean): Promise<SecretAnswer> {
    return this.#options.ask(found, hasOthers);
  }

  /** Whoever packed a folder has asked about its files. */
  vouch(archive: string): void {
    this.#vouched.add(archive);
  }
}

/** Loaded with the first file: a window that shows only what was sent needs no table of tokens. */
async function looksSecret(path: string): Promise<string | undefined> {
  return (await import("../../files/secrets/secretFiles.ts")).looksSecret(path);
}

/** A text that is made to be sent, with a note in the place of what looks like a secret. @returns also how many there were */
export async function withoutSecrets(
  text: string,
): Promise<{ readonly text: string; readonly count: number }> {
  return (await import("../../files/secrets/hideSecrets.ts")).hideSecrets(text);
}

/** Where nobody can be asked: for what a text names, and what changes on its way. @throws FreightError `file-secret` */
export async function assertNoSecret(path: string, remedy?: "uploadNewVersion"): Promise<void> {
  const what = await looksSecret(path);
  if (what === undefined) return;
  const sentence =
    remedy === undefined
      ? t("“{0}” looks like a secret: {1}. It was not attached.", basename(path), what)
      : t(
          "“{0}” has changed and now looks like a secret: {1}. This version was not uploaded.",
          basename(path),
          what,
        );
  throw new FreightError("file-secret", sentence, { path, ...(remedy === undefined ? {} : { remedy }) });
}
