/** The parts of the engine that acts share; each act declares which of them it uses. */
import type { Account } from "../../accounts/accountBook.ts";
import type { InlineImages } from "../body/inlineImages.ts";
import type { Intake } from "../compose/intake.ts";
import type { DeliveryRecord } from "../record/delivery.ts";
import type { MailSending } from "../send/mailSending.ts";
import type { Preflight } from "../send/preflight.ts";
import type { TakeBack } from "../send/takeBack.ts";
import type { Ownership } from "../store/ownership.ts";
import type { RemoteCleanup } from "../upload/remoteCleanup.ts";
import type { StillFiles } from "../upload/stillFiles.ts";
import type { UploadQueue } from "../upload/uploadQueue.ts";

export interface ActParts {
  readonly ownership: Ownership;
  readonly intake: Intake;
  readonly inlineImages: InlineImages;
  readonly uploads: UploadQueue;
  readonly stillFiles: StillFiles;
  readonly remoteCleanup: RemoteCleanup;
  readonly preflight: Preflight;
  readonly sending: MailSending;
  readonly takeBack: TakeBack;
  /** Throws when the account is gone. */
  readonly accountOf: (delivery: DeliveryRecord) => Account;
  /** Has a mail checked again. */
  readonly kick: (deliveryId: string) => void;
}
