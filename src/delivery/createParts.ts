/** Builds the parts of the engine and connects them; each one uses only those built before it. */
import { FreightError } from "../base/errors.ts";
import { Emitter } from "../base/lifecycle.ts";
import { explain } from "../base/log.ts";
import { t } from "../shared/l10n.ts";
import { Discards } from "./acts/discards.ts";
import { FileActs } from "./acts/fileActs.ts";
import { FileTurns } from "./acts/fileTurns.ts";
import { LinkActs } from "./acts/linkActs.ts";
import { MailSets } from "./acts/mailSets.ts";
import { NewMails } from "./acts/newMails.ts";
import { SendActs } from "./acts/sendActs.ts";
import { VersionActs } from "./acts/versionActs.ts";
import { WayActs } from "./acts/wayActs.ts";
import { InlineImages } from "./body/inlineImages.ts";
import { Intake } from "./compose/intake.ts";
import { History } from "./history.ts";
import { MailProgress } from "./mailProgress.ts";
import type { EnginePorts } from "./ports/enginePorts.ts";
import type { DeliveryRecord } from "./record/delivery.ts";
import { isOpen } from "./record/queries.ts";
import { ReturnWatch } from "./returnWatch.ts";
import { MailSending } from "./send/mailSending.ts";
import { Preflight } from "./send/preflight.ts";
import { Scheduled } from "./send/scheduled.ts";
import { TakeBack } from "./send/takeBack.ts";
import { Ownership } from "./store/ownership.ts";
import { Takeover } from "./takeover.ts";
import { AttachmentUpload } from "./upload/attachmentUpload.ts";
import { Drafts } from "./upload/drafts.ts";
import { FileObjections } from "./upload/fileObjections.ts";
import { RemoteCleanup } from "./upload/remoteCleanup.ts";
import { SessionSteps } from "./upload/sessionSteps.ts";
import { StillFiles } from "./upload/stillFiles.ts";
import { UploadQueue } from "./upload/uploadQueue.ts";

/** @param closing aborted when the window closes */
export function createParts(options: EnginePorts, closing: AbortSignal) {
  const { store, log, accounts } = options;
  const kicked = new Emitter<string>((reason) => log.error(explain(reason)));
  const kick = (id: string) => kicked.fire(id);
  const accountOf = (delivery: DeliveryRecord) => accounts.find(delivery.accountId) ?? accountGone();
  const lost = new Emitter<string>((reason) => log.error(explain(reason)));
  const ownership = new Ownership(options, (id) => lost.fire(id), kick);
  const intake = new Intake(options);
  const drafts = new Drafts(store);
  const stillFiles = new StillFiles(options);
  const objections = new FileObjections(options.openSource);
  const steps = new SessionSteps(options, drafts);
  const attachmentUpload = new AttachmentUpload(options, { steps, objections, stillFiles });
  const uploads = new UploadQueue(options, attachmentUpload, accountOf, kick);
  const remoteCleanup = new RemoteCleanup(options, ownership, (file) => uploads.isRunning(file), kick);
  const sending = new MailSending(options, { drafts, objections, stillFiles, accountOf, kick });
  const takeBack = new TakeBack(store, { ownership, sending, kick });
  const turns = new FileTurns(store, { ownership, uploads, sending, takeBack });
  const files = new FileActs(options, turns, { intake, sending, remoteCleanup, kick });
  const ways = new WayActs(options, turns, { uploads, remoteCleanup });
  const discards = new Discards(store, { ownership, sending, turns, remoteCleanup });
  const inlineImages = new InlineImages({
    store,
    newId: options.newId,
    log,
    inspect: (path) => intake.takeImage(path),
    attach: (deliveryId, image) => {
      if (isOpen(store.get(deliveryId))) files.add(deliveryId, [image]);
    },
    detach: async (deliveryId, attachmentId) => {
      const mail = store.find(deliveryId);
      if (mail !== undefined && isOpen(mail)) await files.detach(deliveryId, attachmentId);
    },
  });
  const preflight = new Preflight(options, inlineImages, accountOf, (...change) => files.replace(...change));
  const sets = new MailSets(options, {
    ownership,
    turns,
    remoteCleanup,
    withdraw: (id) => takeBack.withdraw(id),
    discard: (id) => discards.discard(id),
    kick,
    signal: closing,
  });
  const scheduled = new Scheduled(options);
  const progress = new MailProgress(options, {
    ownership,
    uploads,
    sending,
    sets,
    remoteCleanup,
    scheduled,
    returnWatch: new ReturnWatch(options),
    onKick: kicked.event,
    onLost: lost.event,
    closing,
  });
  const newMails = new NewMails(options, { intake, ownership, inlineImages, accountOf, kick });
  const versions = new VersionActs(options, turns, { intake, ownership, sending, remoteCleanup, stillFiles });
  const links = new LinkActs(options, { remoteCleanup, accountOf, ownership }, closing);
  const sendActs = new SendActs(options, {
    ownership,
    takeBack,
    preflight,
    inlineImages,
    ways,
    sets,
    discards,
    kick,
  });
  const history = new History(options, (id) => sendActs.forget(id));
  const takeover = new Takeover(options, progress);
  return {
    ownership,
    uploads,
    steps,
    sending,
    remoteCleanup,
    inlineImages,
    newMails,
    sendActs,
    files,
    versions,
    ways,
    links,
    sets,
    scheduled,
    history,
    takeover,
  };
}

function accountGone(): never {
  throw new FreightError("no-account", t("This mail's account was removed. Choose another one."), {
    remedy: "addAccount",
  });
}
