/** All that the engine is given, once; each of its parts says which of it it uses. */
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
  /** Stands in no other program's way until it is read on. */
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

  /** Of an organization; unset: none. */
  readonly rules?: SendRules;
  /** Whom files that go as links may be opened to at most; unset: anyone, for good. */
  readonly linkLimits?: () => LinkLimits;
  /** The largest mail that both ends of this one take, in bytes as it travels; unset: without end. */
  readonly mostBoth?: (delivery: DeliveryRecord) => number;
  /** Learns from how large the mails are that are sent, or refused; nobody does unless told. */
  readonly ownLimits?: Pick<OwnLimits, "failed" | "refused" | "sent">;

  // What a person wants, and is asked or told

  /** How a new mail begins; unset: with an empty page of plain text. */
  readonly begin?: Begin;
  /** Asks what a person should know before a mail leaves; unset: nothing. Not for drafts. */
  readonly consent?: (
    deliveryId: string,
    /** Puts another file into the mail, in the place of one that it has. */
    replace: (attachmentId: string, path: string) => Promise<void>,
    purpose: Purpose,
  ) => Promise<"leave" | "stay" | FormProblem>;
  /** Whether the servers of recipients are asked to confirm; unset: they are not. */
  readonly asksForReceipts?: () => boolean;
  /** How long a mail that is ready waits before it leaves, in milliseconds, so that it can be taken back; 0: not at all. */
  readonly undoSendMs: () => number;
  /** How long a send under way may still take once the window closes, in milliseconds. */
  readonly sendGraceMs: number;
  /** Whether anybody wants to know what comes back, and somebody sits at this window; unset: nothing is watched. */
  readonly watch?: { isOn(): boolean; isFocused(): boolean };
}
