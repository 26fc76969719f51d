/** Warns once, quietly, before the service drops a file that is uploaded but not sent. */
import type { DeliveryRecord } from "../../delivery/record/delivery.ts";
import { type EndingSession, expiringSoon } from "../../delivery/record/expiry.ts";
import type { DeliveryStore } from "../../delivery/store/store.ts";
import { formatDuration } from "../../shared/format.ts";
import { t } from "../../shared/l10n.ts";
import type { Dialogs } from "./dialogs.ts";
import { plain } from "./plain.ts";

const LOOK_MS = 30_000;
/** The delay after a change, for a service whose sessions expire soon after they are opened. */
const LOOK_SOON_MS = 1_000;

export interface ExpiryWatchOptions {
  readonly store: Pick<DeliveryStore, "list" | "onDidChange">;
  /** True for mails that this window owns: of several windows, only one warns. */
  readonly isOurs: (deliveryId: string) => boolean;
  readonly sendNow: (delivery: DeliveryRecord) => Promise<void>;
  readonly dialogs: Dialogs;
}

export class ExpiryWatch {
  readonly #options: ExpiryWatchOptions;
  readonly #timer: NodeJS.Timeout;
  readonly #listening: { dispose(): void };
  #soon: NodeJS.Timeout | undefined;
  /** The sessions already warned of. */
  readonly #warned = new Set<string>();

  constructor(options: ExpiryWatchOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#look(), LOOK_MS).unref();
    this.#listening = options.store.onDidChange(() => {
      this.#soon ??= setTimeout(() => this.#look(), LOOK_SOON_MS);
    });
    this.#look();
  }

  dispose(): void {
    clearInterval(this.#timer);
    clearTimeout(this.#soon);
    this.#listening.dispose();
  }

  #look(): void {
    this.#soon = undefined;
    const now = Date.now();
    for (const delivery of this.#options.store.list()) {
      const [first] = expiringSoon(delivery, now).filter((session) => !this.#warned.has(nameOf(session)));
      if (first === undefined || !this.#options.isOurs(delivery.id)) continue;
      // One warning per mail, as its files were uploaded at about the same time.
      for (const session of expiringSoon(delivery, now)) this.#warned.add(nameOf(session));
      const { subject } = delivery.form;
      const left = formatDuration(first.expiresAt - now);
      const words =
        subject === ""
          ? t(
              "The upload for a mail expires in {0}. Send it now, or it will be uploaded again when you send.",
              left,
            )
          : t(
              "The upload for “{0}” expires in {1}. Send it now, or it will be uploaded again when you send.",
              subject,
              left,
            );
      const sendNow = t("Send Now");
      void this.#options.dialogs
        .tell("warning", plain(words), sendNow, t("Upload Again When Sending"))
        .then((chosen) => (chosen === sendNow ? this.#options.sendNow(delivery) : undefined));
    }
  }
}

/** A name for a session that differs between sessions of the same file. */
function nameOf({ id, createdAt }: EndingSession): string {
  return `${id} ${createdAt}`;
}
