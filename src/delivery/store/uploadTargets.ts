/** Where the bytes of each attachment go, in secret storage: whoever has an upload URL can write to it. */
import type { SecretShelf } from "../../accounts/accountBook.ts";
import { parseJson } from "../../net/json.ts";
import { UploadTarget } from "../../services/mailService.ts";

/** By the `secretName` of an attachment. */
export class UploadTargets {
  readonly #secrets: SecretShelf;

  constructor(secrets: SecretShelf) {
    this.#secrets = secrets;
  }

  async keep(name: string, target: UploadTarget): Promise<void> {
    await this.#secrets.store(key(name), JSON.stringify(target));
  }

  /** Undefined when it was never kept, or cannot be read. */
  async find(name: string): Promise<UploadTarget | undefined> {
    const text = await this.#secrets.get(key(name));
    return text === undefined ? undefined : UploadTarget.safeParse(parseJson(text)).data;
  }

  async drop(name: string): Promise<void> {
    await this.#secrets.delete(key(name));
  }
}

function key(name: string): string {
  return `freightMail.upload.${name}`;
}
