/** What a panel finds out about its mail beyond the record: each feed follows the mail for one thing. */
import type { Memento } from "../../accounts/accountBook.ts";
import type { Log } from "../../base/log.ts";
import type { DeliveryRecord } from "../../delivery/record/delivery.ts";
import { hashFile } from "../../files/fileHash.ts";
import type { ToPanel } from "../../shared/contract/messages.ts";
import { BodyFeed, PREVIEW_KEY } from "./bodyFeed.ts";
import { HashFeed } from "./hashFeed.ts";
import { LinkFeed, type LinkFeedOptions } from "./linkFeed.ts";
import { type LoadedSimulator, SimulatorFeed } from "./practice/simulatorFeed.ts";
import { ShrinkFeed } from "./shrinkFeed.ts";

export interface PanelFeedsOptions {
  readonly find: () => DeliveryRecord | undefined;
  /** Whether there is a visible page. */
  readonly isShown: () => boolean;
  readonly post: (message: ToPanel) => void;
  /** Called when the next snapshot will say more. */
  readonly changed: () => void;
  /** A URI from which the page may load the image. */
  readonly addressOf: (path: string) => string;
  readonly linkRefusals: LinkFeedOptions["ask"];
  readonly loadSimulator: () => Promise<LoadedSimulator>;
  readonly memory: Memento;
  readonly log: Log;
}

export class PanelFeeds {
  readonly body: BodyFeed;
  readonly hashes: HashFeed;
  readonly shrink: ShrinkFeed;
  readonly simulator: SimulatorFeed;
  readonly links: LinkFeed;

  constructor({ find, isShown, post, changed, memory, log, ...options }: PanelFeedsOptions) {
    this.body = new BodyFeed({
      find: () => (isShown() ? find() : undefined),
      post,
      addressOf: options.addressOf,
      isPreviewShown: () => memory.get(PREVIEW_KEY) === true,
      log,
    });
    this.hashes = new HashFeed({ find, post, hash: hashFile, log });
    this.shrink = new ShrinkFeed({
      find,
      sample: async (path, signal) => {
        const { estimateZip, pays } = await import("../../files/zip/zipEstimate.ts");
        const estimate = await estimateZip(path, signal);
        return pays(estimate) ? estimate : null;
      },
      changed,
      log,
    });
    this.simulator = new SimulatorFeed({ find, memory, load: options.loadSimulator, log });
    this.links = new LinkFeed({ find, ask: options.linkRefusals, changed, log });
    this.shrink.update();
    this.links.update();
  }

  /** Call when the mail has changed. */
  update(): void {
    this.body.updateSoon();
    this.hashes.update();
    this.shrink.update();
    this.simulator.update();
    this.links.update();
  }

  dispose(): void {
    for (const feed of [this.hashes, this.shrink, this.links, this.body]) feed.dispose();
  }
}
