/**
 * Every file passes here before it leaves: one that looks like a secret goes only if a person says so. Those of a
 * folder are found while it is packed (`ui/attach/zip/packer.ts`), and only asked about here.
 */
import { basename } from "node:path";
import { FreightError } from "../../base/errors.ts";
import { t } from "../../shared/l10n.ts";

export interface NamedSecret {
  readonly name: string;
  /** "an AWS access key, line 12" */
  readonly what: string;
}

/** attach: send all files · leaveOut: all but these · nothing: send none */
export type SecretAnswer = "attach" | "leaveOut" | "nothing";

export interface SecretDoorOptions {
  /** @param hasOthers whether any files are left without these */
  readonly ask: (found: readonly NamedSecret[], hasOthers: boolean) => Promise<SecretAnswer>;
  /** The file that an archive of ours was packed from; undefined for any other file. */
  readonly originOf: (path: string) => string | undefined;
}

export class SecretDoor {
  readonly #options: SecretDoorOptions;
  /** Archives whose files were all checked when they were packed. */
  readonly #vouched = new Set<string>();

  /** Without options, everything that looks like a secret is left out. */
  constructor(options: Partial<SecretDoorOptions> = {}) {
    this.#options = { ask: async () => "leaveOut", originOf: () => undefined, ...options };
  }

  /**
   * The files that may go; none if the person wants to send nothing.
   * @param known files that the person was asked about for this mail: an archive of one does not raise the
   *   question again
   */
  async admit(paths: readonly string[], known: readonly string[] = []): Promise<readonly string[]> {
    const found = new Map<string, NamedSecret>();
    for (const path of paths) {
      // A packed file looks like nothing any more: check the original.
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

  /** Lets an archive pass: whoever packed it has asked about its files. */
  vouch(archive: string): void {
    this.#vouched.add(archive);
  }
}

/** Loaded with the first file: a window that only shows sent mails does not need the table of tokens. */
async function looksSecret(path: string): Promise<string | undefined> {
  return (await import("../../files/secrets/secretFiles.ts")).looksSecret(path);
}

/** A generated text with a note in place of each part that looks like a secret, and the number of those. */
export async function withoutSecrets(
  text: string,
): Promise<{ readonly text: string; readonly count: number }> {
  return (await import("../../files/secrets/hideSecrets.ts")).hideSecrets(text);
}

/**
 * For when nobody can be asked: about files that a text refers to, and files that change later on.
 * @throws FreightError `file-secret`
 */
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
