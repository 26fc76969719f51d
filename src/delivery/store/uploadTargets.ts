/** Where the bytes of each attachment go, in secret storage: whoever has an upload URL can write to it. */
import type { SecretShelf } from "../../accounts/accountBook.ts";
import { parseJson } from "../../net/json.ts";
import { UploadTarget } from "../../services/mailService.ts";

/** Each is kept under the `secretName` of its attachment. */
export class UploadTargets {
  readonly #secrets: SecretShelf;
  /** Names of the targets that this window has kept or found, and not dropped. */
  readonly #known = new Set<string>();

  constructor(secrets: SecretShelf) {
    this.#secrets = secrets;
  }

  async keep(name: string, target: UploadTarget): Promise<void> {
    this.#known.add(name);
    await this.#secrets.store(key(name), JSON.stringify(target));
  }

  /** Undefined when it was never kept, or cannot be read. */
  async find(name: string): Promise<UploadTarget | undefined> {
    const text = await this.#secrets.get(key(name));
    if (text !== undefined) this.#known.add(name);
    return text === undefined ? undefined : UploadTarget.safeParse(parseJson(text)).data;
  }

  async drop(name: string): Promise<void> {
    this.#known.delete(name);
    try {
      await this.#secrets.delete(key(name));
    } catch (reason) {
      this.#known.add(name);
      throw reason;
    }
  }

  /** True if this window knows of a target that was not dropped, and is not being dropped. */
  isKnown(name: string): boolean {
    return this.#known.has(name);
  }
}

function key(name: string): string {
  return `freightMail.upload.${name}`;
}
