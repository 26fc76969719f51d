/** Sends a panel the preview of its mail's text, and which of its images cannot be sent. */

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
  /** A URI from which the page may load the image. */
  readonly addressOf: (path: string) => string;
  readonly isPreviewShown: () => boolean;
  readonly log: Log;
}

/** Long enough to bundle a burst of keys, too short for anybody to notice. */
const DELAY_MS = 60;

/** The key in `memory` for whether previews are shown. */
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

  /** Call when something about the mail has changed. */
  updateSoon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#update().catch((reason: unknown) => this.#options.log.warn(explain(reason)));
    }, DELAY_MS);
  }

  /** A newly loaded page knows nothing, and files may have come or gone since the last one. */
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
    // A mail that has left is shown as its recipients read it.
    const previewShown = isPreviewShown() || delivery.phase === "sent" || delivery.phase === "scheduled";
    const concerned = whatCounts(delivery, previewShown);
    // Most changes are only upload progress.
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
    // The path in the open folder, not a link's target: the page may load images only from open folders.
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

/** The element, with image sources that the page can load. */
function withAddresses(element: BodyElement, addressOf: (src?: string) => string | undefined): BodyElement {
  const { src, ...rest } = element;
  const address = element.tag === "img" ? addressOf(src) : undefined;
  const children = element.children.map((child) =>
    typeof child === "string" ? child : withAddresses(child, addressOf),
  );
  return { ...rest, children, ...(address === undefined ? {} : { src: address }) };
}

/** Everything that the preview depends on, to be compared item by item. */
function whatCounts({ form, attachments }: DeliveryRecord, previewShown: boolean): readonly unknown[] {
  const files = attachments.flatMap(({ id, name, size, status, inline }) => [
    ...[id, name, size],
    ...[status === "ready", inline?.name],
  ]);
  return [previewShown, form.body, form.format, form.to, ...files];
}
