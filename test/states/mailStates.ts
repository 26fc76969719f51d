/** Every state of a mail, and how it comes about. */
import type { DeliveryRecord } from "../../src/delivery/record/delivery.ts";
import type { Phase } from "../../src/shared/contract/snapshot.ts";
import { hour, type Scene } from "./scene.ts";

export interface State {
  readonly name: string;
  readonly phase: Phase;
  readonly begin: (scene: Scene) => Promise<void>;
  /** What ends it without a person, where nobody can: shown by releasing what is held. */
  readonly endsBy?: string;
}

const until = (scene: Scene, condition: (delivery: DeliveryRecord) => boolean) =>
  scene.window.until(scene.id, condition);
const phased = (scene: Scene, phase: Phase) => until(scene, (delivery) => delivery.phase === phase);
const uploading = (scene: Scene) =>
  until(scene, ({ attachments }) => attachments.every(({ status }) => status === "uploading"));
const draft = { type: "draft" } as const;

async function composed(scene: Scene): Promise<void> {
  await scene.compose();
  await scene.ready();
}

async function held(scene: Scene): Promise<void> {
  scene.arm({ step: "upload", fault: "hold", times: 9 });
  await scene.compose();
  await uploading(scene);
}

/** The sending finds no network, and waits. */
async function offline(scene: Scene): Promise<void> {
  await composed(scene);
  scene.holdsWaits = true;
  scene.isOffline = true;
}

async function event(scene: Scene): Promise<void> {
  const path = await scene.desk.file("1.bin", 5_000);
  const { deliveryId = "" } = await scene.window.runner.attachToEvent([path], "account", {
    id: "event-1",
    subject: "Review",
    startsAt: scene.now + hour,
  });
  scene.id = deliveryId;
}

export const mailStates: readonly State[] = [
  { name: "composing, uploading", phase: "composing", begin: held },
  { name: "composing, files ready", phase: "composing", begin: composed },
  { name: "composing, no files", phase: "composing", begin: (scene) => scene.compose(0) },
  { name: "composing, no account", phase: "composing", begin: (scene) => scene.compose(1, 5_000, null) },
  {
    name: "composing, filled by a task and not looked at",
    phase: "composing",
    begin: async (scene) => {
      const text = {
        body: "",
        format: "text",
        fillsIn: false,
        imageFolders: null,
        filledBy: "command",
      } as const;
      const path = await scene.desk.file("1.bin", 5_000);
      const { deliveryId = "" } = await scene.window.runner.compose([path], "account", async () => text);
      scene.id = deliveryId;
    },
  },
  {
    name: "waiting for its files",
    phase: "waiting",
    begin: async (scene) => {
      await held(scene);
      await scene.send();
    },
  },
  {
    name: "waiting for its files, to be saved",
    phase: "waiting",
    begin: async (scene) => {
      await held(scene);
      await scene.send(draft);
    },
  },
  {
    name: "waiting for its files, to be scheduled",
    phase: "waiting",
    begin: async (scene) => {
      await held(scene);
      await scene.send(scene.later());
    },
  },
  {
    name: "waiting for a decision on a file",
    phase: "waiting",
    begin: async (scene) => {
      scene.arm({ step: "create", fault: "refuse", status: 400 });
      await scene.compose();
      await until(scene, ({ attachments }) => attachments[0]?.status === "failed");
      await scene.send();
    },
  },
  {
    name: "the second of two mails, waiting for the first",
    phase: "waiting",
    begin: async (scene) => {
      await scene.compose(2, 100_000);
      await scene.ready();
      scene.undoSendMs = hour;
      const first = scene.id;
      scene.mostBoth = 280_000;
      await scene.send({ type: "send", inMails: true });
      await until(scene, ({ set }) => set !== null && set.moving.length === 0);
      scene.id = scene.window.store.get(first).set?.mails[1] ?? "";
      await scene.ready();
    },
  },
  {
    name: "leaving in a moment",
    phase: "waiting",
    begin: async (scene) => {
      await composed(scene);
      scene.undoSendMs = hour;
      await scene.send();
      await until(scene, ({ leavesAt }) => leavesAt !== undefined);
    },
  },
  {
    name: "being sent, and nothing has left",
    phase: "sending",
    begin: async (scene) => {
      await offline(scene);
      await scene.send();
      await until(scene, ({ sendWait }) => sendWait !== undefined);
    },
  },
  {
    name: "being saved, and nothing has left",
    phase: "sending",
    begin: async (scene) => {
      await offline(scene);
      await scene.send(draft);
      await until(scene, ({ sendWait }) => sendWait !== undefined);
    },
  },
  ...(["send", "draft", "later"] as const).map(
    (type): State => ({
      name: { send: "being sent", draft: "being saved", later: "being scheduled" }[type],
      phase: "sending",
      begin: async (scene) => {
        await composed(scene);
        scene.arm({ step: type === "draft" ? "draft" : "send", fault: "hold", atWork: true });
        await scene.send(type === "later" ? scene.later() : { type });
        await until(scene, ({ recallable }) => recallable === false);
      },
      endsBy: "the answer, or three minutes",
    }),
  ),
  {
    name: "being sent, broken off, and the account cannot be asked",
    phase: "sending",
    begin: async (scene) => {
      await composed(scene);
      scene.arm({ step: "send", fault: "hold", atWork: true });
      await scene.send();
      await until(scene, ({ recallable }) => recallable === false);
      await scene.window.close();
      scene.isLocked = true;
      scene.holdsWaits = true;
      await scene.open();
      await until(scene, ({ error }) => error !== null);
    },
  },
  {
    name: "sent",
    phase: "sent",
    begin: async (scene) => {
      await composed(scene);
      await scene.send();
      await phased(scene, "sent");
    },
  },
  {
    name: "saved",
    phase: "saved",
    begin: async (scene) => {
      await composed(scene);
      await scene.send(draft);
      await phased(scene, "saved");
    },
  },
  {
    name: "scheduled",
    phase: "scheduled",
    begin: async (scene) => {
      await composed(scene);
      await scene.send(scene.later());
      await phased(scene, "scheduled");
    },
  },
  ...(["send", "draft", "later"] as const).map(
    (type): State => ({
      name: { send: "not sent", draft: "not saved", later: "not scheduled" }[type],
      phase: "failed",
      begin: async (scene) => {
        await composed(scene);
        scene.arm({ step: type === "draft" ? "draft" : "send", fault: "refuse", status: 400, by: "service" });
        await scene.send(type === "later" ? scene.later() : { type });
        await phased(scene, "failed");
      },
    }),
  ),
  ...(["send", "later"] as const).map(
    (type): State => ({
      name: { send: "may have been sent", later: "may have been scheduled" }[type],
      phase: "unconfirmed",
      begin: async (scene) => {
        await composed(scene);
        scene.holdsWaits = true;
        scene.arm({ step: "send", fault: "dropReplyAfterCommit" });
        await scene.send(type === "later" ? scene.later() : { type });
        await until(scene, ({ sendWait }) => sendWait !== undefined);
        // The lid was closed meanwhile.
        scene.desk.sandbox.clock.advance(2 * hour);
        scene.goOn();
        await phased(scene, "unconfirmed");
      },
    }),
  ),
  {
    name: "may have been saved",
    phase: "unconfirmed",
    begin: async (scene) => {
      await composed(scene);
      scene.arm({ step: "draft", fault: "refuse", status: 500, times: 60 });
      await scene.send(draft);
      await phased(scene, "unconfirmed");
    },
  },
  {
    name: "may have been sent, and the account cannot be asked",
    phase: "unconfirmed",
    begin: async (scene) => {
      await composed(scene);
      scene.arm({ step: "send", fault: "hold", atWork: true });
      await scene.send();
      await until(scene, ({ recallable }) => recallable === false);
      await scene.window.close();
      scene.isLocked = true;
      scene.desk.sandbox.clock.advance(2 * hour);
      await scene.open();
      await phased(scene, "unconfirmed");
    },
  },
  {
    name: "for an event, uploading",
    phase: "waiting",
    begin: async (scene) => {
      scene.arm({ step: "upload", fault: "hold", times: 9 });
      await event(scene);
      await uploading(scene);
    },
  },
  {
    name: "for an event, and the account cannot be asked",
    phase: "waiting",
    begin: async (scene) => {
      scene.holdsWaits = true;
      scene.arm({ step: "complete", fault: "hold" });
      await event(scene);
      await until(scene, ({ attachments }) => attachments[0]?.status === "completing");
      scene.isLocked = true;
      scene.desk.sandbox.faults.release();
      await until(scene, ({ error }) => error !== null);
    },
  },
  {
    name: "for an event, attached",
    phase: "sent",
    begin: async (scene) => {
      await event(scene);
      await phased(scene, "sent");
    },
  },
];

/** A state for each phase: this does not compile when there is a new one. */
export const phases: Readonly<Record<Phase, true>> = {
  composing: true,
  waiting: true,
  sending: true,
  sent: true,
  saved: true,
  scheduled: true,
  failed: true,
  unconfirmed: true,
};
