/** Everything that the engine is given from outside; each of its parts declares what it uses. */
import type { Account, Memento } from "../../accounts/accountBook.ts";
import type { Clock } from "../../base/clock.ts";
import type { DisposableStore } from "../../base/lifecycle.ts";
import type { FileCopy } from "../../files/stillFile.ts";
import type { Http } from "../../net/http.ts";
import type { Sleep } from "../../net/retry.ts";
import type { MailService } from "../../services/mailService.ts";
import type { FormProblem } from "../../shared/message.ts";
import type { UploadSource } from "../../transfer/upload.ts";
import type { IntakeOptions } from "../compose/intake.ts";
import type { Begin } from "../compose/newMailText.ts";
import type { OwnLimits } from "../compose/ownLimits.ts";
import type { LinkLimits } from "../links/linkLimits.ts";
import type { AttachmentRecord, DeliveryRecord, Purpose } from "../record/delivery.ts";
import type { SendRules } from "../rules/sendRules.ts";
import type { OwnershipOptions } from "../store/ownership.ts";
import type { AccountLimits } from "../words/fileWays.ts";

export interface OpenSource extends UploadSource {
  /** Gets out of other programs' way until it is read again. */
  letGo(): Promise<void>;
  close(): Promise<void>;
}

/** Opens a file of at most `maxBytes`, which is the limit of `limitOf`. */
export type Open = (
  file: Pick<AttachmentRecord, "path" | "madeFrom" | "grows" | "size" | "part">,
  maxBytes: number,
  limitOf?: string,
) => Promise<OpenSource>;

export interface EnginePorts extends AccountLimits, IntakeOptions, OwnershipOptions {
  readonly clock: Clock;
  readonly sleep: Sleep;
  readonly random: () => number;
  readonly serviceFor: (account: Account) => Promise<MailService>;
  /** Connections for one upload; closed with the store they are added to. */
  readonly openLine: (owner: DisposableStore) => Http;
  /** Outlives the process. Without it, only the records can confirm the clock. */
  readonly memory?: Pick<Memento, "get" | "update">;

  // Files

  readonly openSource: Open;
  /**
   * Copies a file as it is at one moment, and shows how far that is.
   * @throws FreightError `file-changed`, `disk-full`, …; an AbortError on Cancel
   */
  readonly takeCopy: (path: string) => Promise<FileCopy>;
  /** Whether files of this path are sent as they are without a question, whatever is written to them; unset: none. */
  readonly goesAsItIs?: (path: string) => boolean;

  // What is allowed, and how much fits

  /** An organization's rules; unset: none. */
  readonly rules?: SendRules;
  /** Who may at most open files that go as links, and for how long; unset: anyone, forever. */
  readonly linkLimits?: () => LinkLimits;
  /** The largest mail that sender and recipients can handle, in bytes as it travels; unset: any size. */
  readonly mostBoth?: (delivery: DeliveryRecord) => number;
  /** Learns from the sizes of mails that are sent or refused; unset: nothing is learned. */
  readonly ownLimits?: Pick<OwnLimits, "failed" | "refused" | "sent">;

  // What a person wants, and is asked or told

  /** What a new mail begins with; unset: an empty plain text. */
  readonly begin?: Begin;
  /** Asks what a person should know before a mail leaves; unset: nothing. Not for drafts. */
  readonly consent?: (
    deliveryId: string,
    /** Replaces a file of the mail by another one. */
    replace: (attachmentId: string, path: string) => Promise<void>,
    purpose: Purpose,
  ) => Promise<"leave" | "stay" | FormProblem>;
  /** Whether the servers of recipients are asked to confirm; unset: they are not. */
  readonly asksForReceipts?: () => boolean;
  /** Milliseconds that a ready mail waits before it is sent, so that it can be taken back; 0: none. */
  readonly undoSendMs: () => number;
  /** How long a send under way may still take once the window closes, in milliseconds. */
  readonly sendGraceMs: number;
  /** Whether the person wants to know what comes back, and is at this window; unset: nothing is watched. */
  readonly watch?: { isOn(): boolean; isFocused(): boolean };
}
