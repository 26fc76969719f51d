/** Tells a panel what becomes of its mail's text: how it will be read, and which of its images cannot be sent. */

import { explain, type Log } from "../../base/log.ts";
import { imageName } from "../../delivery/body/bodyImages.ts";
import { type BodyText, isLong, mayHaveImages, readBody } from "../../delivery/body/bodyText.ts";
import type { DeliveryRecord } from "../../delivery/record/delivery.ts";
import { pathInFolder } from "../../files/workspaceFile.ts";
import type { BodyElement } from "../../shared/contract/bodyTree.ts";
import type { BodyPreview, ToPanel } from "../../shared/contract/messages.ts";
import { t } from "../../shared/l10n.ts";

type BodyMessage = Extract<ToPanel, { type: "body" }>;

export interface BodyFeedOptions {
  readonly find: () => DeliveryRecord | undefined;
  readonly post: (message: BodyMessage) => void;
  /** An address that the panel may load the image from. */
  readonly addressOf: (path: string) => string;
  readonly isPreviewShown: () => boolean;
  readonly log: Log;
}

/** Longer than what the keyboard brings in one word, shorter than anybody waits. */
const DELAY_MS = 60;

/** In the memory: whether mails are shown as they will be read. */
export const PREVIEW_KEY = "previewShown";

export class BodyFeed {
  readonly #options: BodyFeedOptions;
  #timer: NodeJS.Timeout | undefined;
  #seen: readonly unknown[] = [];
  #posted = "";
  #round = 0;

  constructor(options: BodyFeedOptions) {
    this.#options = options;
  }

  /** Something about the mail has changed. */
  updateSoon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#update().catch((reason: unknown) => this.#options.log.warn(explain(reason)));
    }, DELAY_MS);
  }

  /** A page that has just loaded knows nothing, and files may have come or gone since the last one. */
  restart(): void {
    this.#seen = [];
    this.#posted = "";
    this.updateSoon();
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#round = -1;
  }

  async #update(): Promise<void> {
    const { find, post, isPreviewShown } = this.#options;
    const delivery = find();
    if (delivery === undefined) return;
    // What is out is shown as it was read.
    const previewShown = isPreviewShown() || delivery.phase === "sent" || delivery.phase === "scheduled";
    const concerned = whatCounts(delivery, previewShown);
    // Most changes are bytes on their way.
    if (concerned.length === this.#seen.length && concerned.every((part, at) => part === this.#seen[at]))
      return;
    this.#seen = concerned;
    this.#round += 1;
    const round = this.#round;
    const message = await this.#read(delivery, previewShown);
    if (round !== this.#round) return;
    const text = JSON.stringify(message);
    if (text === this.#posted) return;
    this.#posted = text;
    post(message);
  }

  async #read(delivery: DeliveryRecord, previewShown: boolean): Promise<BodyMessage> {
    const message: BodyMessage = { type: "body", previewShown, preview: null, problems: [] };
    if (isLong(delivery)) {
      const problems = mayHaveImages(delivery.form.body)
        ? [t("The text is too long to show images in it.")]
        : [];
      return { ...message, problems, preview: previewShown ? { kind: "none" } : null };
    }
    const body = await readBody(delivery);
    const problems = [...body.images.problems];
    return { ...message, problems, preview: previewShown ? this.#preview(body, delivery) : null };
  }

  #preview({ format, text, blocks, images }: BodyText, { imageFolders }: DeliveryRecord): BodyPreview {
    // The folder as it is open, not where a link leads: only there the panel may look.
    const addressOf = (src = "") => {
      const name = imageName(src);
      return imageFolders !== null && images.found.has(name)
        ? this.#options.addressOf(pathInFolder(name, imageFolders))
        : undefined;
    };
    switch (format) {
      case "text":
        return { kind: "text", text };
      case "html":
        return { kind: "html", html: text };
      case "markdown":
        return { kind: "tree", blocks: blocks.map((block) => withAddresses(block, addressOf)) };
    }
  }
}

/** The element with images that the panel can load. */
function withAddresses(element: BodyElement, addressOf: (src?: string) => string | undefined): BodyElement {
  const { src, ...rest } = element;
  const address = element.tag === "img" ? addressOf(src) : undefined;
  const children = element.children.map((child) =>
    typeof child === "string" ? child : withAddresses(child, addressOf),
  );
  return { ...rest, children, ...(address === undefined ? {} : { src: address }) };
}

/** What the text depends on, to be compared one by one. */
function whatCounts({ form, attachments }: DeliveryRecord, previewShown: boolean): readonly unknown[] {
  const files = attachments.flatMap(({ id, name, size, status, inline }) => [
    ...[id, name, size],
    ...[status === "ready", inline?.name],
  ]);
  return [previewShown, form.body, form.format, form.to, ...files];
}
